package image

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var gated = Tags{Fixed: []string{"c0ffee", "latest"}, Stamp: "20260305-092030", Commit: "c0ffee"}

// puts are the manifests that were written, in their order, and when the gate was asked.
func (s *server) puts() []string {
	var puts []string
	for _, request := range s.seen() {
		if what, ok := strings.CutPrefix(request, "PUT manifests/"); ok {
			puts = append(puts, what)
		} else if request == "gate" {
			puts = append(puts, request)
		}
	}
	return puts
}

// behind is a gate that notes when it is asked.
func (s *server) behind(answer error, tags ...string) func(context.Context) ([]string, error) {
	return func(context.Context) ([]string, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.requests = append(s.requests, "gate")
		return tags, answer
	}
}

// TestGate: an image goes up by digest and under its commit's tag, then the gate is asked, then the other tags move.
// A rerun of a commit is judged again, and has its time stamp once it has passed.
func TestGate(t *testing.T) {
	no := errors.New("no")
	s, old, b := serve(t), fake(t, "old"), fake(t, "program", amd64, arm64)
	mustPush(t, s, old, Tags{Fixed: []string{"latest"}}, sending{})
	digest := b.Digest.String()
	for _, step := range []struct {
		name   string
		tags   Tags
		answer error
		has    []string // tags that ECR names
		puts   []string
		latest Built
	}{
		{"refused", gated, no, nil, []string{digest, "c0ffee", "gate"}, old},
		{"refused again", gated, no, nil, []string{"gate"}, old},
		{"refused under tags of its own", Tags{Fixed: []string{"v1"}}, no, nil, []string{"gate"}, old},
		{"passed", gated, nil, []string{"c0ffee"}, []string{"gate", "20260305-092030", "latest"}, b},
		{"passed again", gated, nil, []string{"c0ffee", "20260305-092030"}, []string{"gate"}, b},
	} {
		s.seen()
		job := Job{To: s.dial(t), Image: b, Tags: step.tags, Gate: s.behind(step.answer, step.has...)}
		results, err := Push(t.Context(), []Job{job})
		puts := slices.DeleteFunc(s.puts(), func(put string) bool { // the images of the index
			return strings.HasPrefix(put, "sha256:") && put != digest
		})
		if !errors.Is(err, step.answer) || !reflect.DeepEqual(puts, step.puts) {
			t.Errorf("%s: %q, %v, %+v, want %q", step.name, puts, err, results[0], step.puts)
		}
		if at := s.points(t, "latest"); at != step.latest.Digest {
			t.Errorf("%s: latest points at %s", step.name, at)
		}
	}
	if at := s.points(t, "v1"); at == b.Digest {
		t.Error("v1 was written for an image that was refused")
	}
}

// TestGateOfSeveral: where one image is refused, no other has more tags than its commit's; where one is not there, no
// gate is asked.
func TestGateOfSeveral(t *testing.T) {
	s, b := serve(t), fake(t, "program")
	to := s.dial(t)
	other := Tags{Fixed: []string{"beef", "v2"}, Commit: "beef"}
	jobs := []Job{
		{To: to, Image: b, Tags: gated, Gate: s.behind(nil)},
		{To: to, Image: fake(t, "other"), Tags: other, Gate: s.behind(errors.New("no"))},
	}
	_, err := Push(t.Context(), jobs)
	wantError(t, err, "these tags were not written, because another image failed (not written: 20260305-092030, latest)",
		"app: no tag but the commit's was written: no")
	puts := s.puts()
	for _, tag := range []string{"c0ffee", "beef", "gate"} {
		if !slices.Contains(puts, tag) {
			t.Errorf("it wrote %q, want %s", puts, tag)
		}
	}
	for _, tag := range []string{"latest", "v2", "20260305-092030"} {
		if slices.Contains(puts, tag) {
			t.Errorf("it wrote %s", tag)
		}
	}
	jobs[0].Image, jobs[1].Tags = fake(t, "third"), Tags{Fixed: []string{"-"}}
	_, err = Push(t.Context(), jobs)
	wantError(t, err, "because another image failed", `tag "-"`)
	if puts := s.puts(); slices.Contains(puts, "gate") || slices.Contains(puts, "latest") {
		t.Errorf("it wrote %q", puts)
	}
}
