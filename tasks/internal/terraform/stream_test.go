package terraform

import (
	"bytes"
	"sync"
	"testing"
)

// The events of a try that ends in an init are nobody's; those of a terraform at work come as it says them.
func TestHold(t *testing.T) {
	const version, wrong, work = `{"@message":"Terraform 1.11.4","type":"version"}` + "\n", `{"type":"diagnostic"}` +
		"\n", `{"type":"planned_change"}` + "\n"
	for name, test := range map[string]struct {
		says          []string
		before, after string
	}{
		"nothing":           {nil, "", ""},
		"before the work":   {[]string{version, wrong}, "", version + wrong},
		"at work":           {[]string{version, work, wrong}, version + work + wrong, version + work + wrong},
		"a line in pieces":  {[]string{version, work[:9]}, "", version + work[:9] + "\n"},
		"pieces at work":    {[]string{version, work[:9], work[9:]}, version + work, version + work},
		"no events, a text": {[]string{"terraform says\n"}, "terraform says\n", "terraform says\n"},
	} {
		var got bytes.Buffer
		s := newStream(&sync.Mutex{}, &got, nil)
		release := s.hold()
		for _, piece := range test.says {
			_, _ = s.out().Write([]byte(piece))
		}
		if got.String() != test.before {
			t.Errorf("%s: %q is out, want %q", name, got.String(), test.before)
		}
		if release(); got.String() != test.after {
			t.Errorf("%s: after the release %q is out, want %q", name, got.String(), test.after)
		}
	}
	newStream(&sync.Mutex{}, nil, nil).hold()() // nobody listens
}
