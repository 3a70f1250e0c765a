package images

import (
	"os"
	"strings"
	"testing"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// In CI a push does not move latest to a dirty image, unless its tags are named, it writes nothing, or latest stays.
func TestLatestInCI(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	c := console.New(null, null, null, true)
	for name, change := range map[string]func(*PlannedPush){
		"":               func(*PlannedPush) {},
		"a commit":       func(p *PlannedPush) { p.build.source.Revision.Dirty = false },
		"-tag":           func(p *PlannedPush) { p.explicit = []string{latest} },
		"-dryRun":        func(p *PlannedPush) { p.options.DryRun = true },
		"immutable":      func(p *PlannedPush) { p.to[0].found.Mutability = "IMMUTABLE" },
		"not deployed":   func(p *PlannedPush) { p.to[0].registry = nil },
		"outside of CI":  func(*PlannedPush) { t.Setenv("CI", "") },
		"CI is not true": func(*PlannedPush) { t.Setenv("CI", "1") },
	} {
		t.Setenv("CI", "true")
		p := &PlannedPush{
			Console: c, session: &session.Session{Console: c}, build: &plannedBuild{Console: c},
			to: []destination{{found: ecr.Found{Mutability: "MUTABLE"}, registry: new(image.Destination)}},
		}
		p.build.source.Revision = image.Revision{Commit: "1", Dirty: true, Why: "apps/app/main.go differs from the commit"}
		change(p)
		err := p.refuseDirty()
		if refused := err != nil; refused != (name == "") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			continue
		}
		_, next := hint.Parts(err)
		if !strings.HasPrefix(next, "apps/app/main.go") || !strings.HasSuffix(next, "-tag=latest") {
			t.Errorf("the hint is %q", next)
		}
	}
}
