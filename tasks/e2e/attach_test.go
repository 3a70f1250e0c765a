package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAttachedPlans compares plans with a provider that is started beforehand with those of Terraform's own way: before
// anything exists, after a changed setting, after a repository is taken out of locals.tf, and when only the state knows
// a type of resource.
func TestAttachedPlans(t *testing.T) {
	takesLong(t)
	t.Parallel()
	w := newServedWorld(t)
	compare := func(what, action string) {
		plain, attached := w.plans("0"), w.plans("1")
		if plain != attached || !strings.Contains(plain, `"action":"`+action+`"`) {
			t.Errorf("%s: without\n%s\nattached\n%s", what, plain, attached)
		}
	}
	compare("nothing there", "create")
	w.mage("deploy", "-yes")
	const locals = "terraform/04-ecr-repositories/locals.tf"
	w.edit(locals, "MUTABLE", "IMMUTABLE")
	compare("a changed setting", "update")
	w.edit(locals, "client", "other")
	compare("a deletion", "delete")
	if err := os.Remove(filepath.Join(w.dir, "terraform/04-ecr-repositories/checks.tf")); err != nil { // it reads them
		t.Fatal(err)
	}
	main := filepath.Join(w.dir, "terraform/04-ecr-repositories/main.tf")
	before, policy, found := strings.Cut(read(t, main), "resource \"aws_ecr_lifecycle_policy\"")
	_, after, ends := strings.Cut(policy, "\n}\n")
	if !found || !ends {
		t.Fatal("main.tf has no lifecycle policy")
	}
	write(t, main, before+after)
	compare("a type that only the state has", "delete")
	kept, err := filepath.Glob(filepath.Join(w.home, ".cache", "*", "terraform", "providers", "*.schema"))
	if err != nil || len(kept) != 1 {
		t.Errorf("one provider was attached to, and the schemas %q are kept: %v", kept, err)
	}
}

// plans are the events of a plan without the moments, sorted, and the plan for people, which has the values.
func (w *world) plans(attach string) string {
	w.t.Helper()
	w.env["TF_PROVIDER_ATTACH"] = attach
	var events []string
	for line := range strings.Lines(w.mage("plan", "-json")) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			w.t.Fatalf("%v: %s", err, line)
		}
		delete(event, "@timestamp")
		if hook, ok := event["hook"].(map[string]any); ok {
			delete(hook, "elapsed_seconds")
		}
		text, err := json.Marshal(event)
		if err != nil {
			w.t.Fatal(err)
		}
		events = append(events, string(text))
	}
	slices.Sort(events)
	return strings.Join(events, "\n") + w.mage("plan")
}
