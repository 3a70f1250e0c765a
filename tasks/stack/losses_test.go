package stack

import (
	"testing"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/session"
)

func TestRefuseDeletes(t *testing.T) {
	s := &session.Session{Settings: settings.Settings{
		Environment: settings.Environment{
			Repositories: []settings.Repository{{App: "kept", Name: "team/kept"}},
		},
	}}
	const refusing = "refusing a plan that deletes or replaces "
	for name, test := range map[string]struct {
		lost    map[string]loss
		allowed bool
		want    string
	}{
		"nothing goes": {nil, false, ""},
		"empty": {
			map[string]loss{"a": {"team/a", 0}},
			false,
			refusing + "a (0 images)\nhint: if that is meant: mage deploy -allowDelete",
		},
		"empty, allowed": {map[string]loss{"a": {"team/a", 0}}, true, ""},
		"nobody knows": {
			map[string]loss{"a": {}},
			false,
			refusing + "a (an unknown number of images)\nhint: if that is meant: mage deploy -allowDelete",
		},
		"replaced, with images": {
			map[string]loss{"k": {"team/kept", 2}},
			true,
			refusing + "k (2 images): a repository goes only when it is empty\n" +
				"hint: if that is meant: mage ecr:cleanup -repo=team/kept; mage deploy -allowDelete",
		},
		"full and empty, allowed": {
			map[string]loss{"b": {"team/b", 1}, "a": {"team/a", 0}},
			true,
			refusing + "b (1 image): a repository goes only when it is empty\n" +
				"hint: if that is meant: put team/b back into locals.tf; mage ecr:cleanup -repo=team/b; " +
				"take it out again; mage deploy -allowDelete",
		},
		"two": {map[string]loss{"b": {"team/b", 2}, "a": {"team/a", 1}}, false, refusing + "a (1 image), b (2 images)\n" +
			"hint: if that is meant: put team/a and team/b back into locals.tf; mage ecr:cleanup -repo=team/a; " +
			"mage ecr:cleanup -repo=team/b; take it out again; mage deploy -allowDelete"},
	} {
		if got := console.ErrorText(refuseDeletes(s, terraform.Plan{}, test.lost, test.allowed)); got != test.want {
			t.Errorf("%s: refuseDeletes =\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// The images of a repository that the plan makes anew can be copied, and a repository with a new key needs no copy.
func TestRefuseDeletesKnowsWhatIsCreated(t *testing.T) {
	s := &session.Session{Project: &session.Project{Root: t.TempDir()}, Settings: settings.Settings{
		Environment: settings.Environment{
			Repositories: []settings.Repository{{App: "peer", Name: "team/client"}},
		},
	}}
	change := func(kind, action, key, name string) terraform.Change {
		return terraform.Change{Type: kind, Action: action, Address: kind + `.app["` + key + `"]`, Name: name}
	}
	const (
		repository = "aws_ecr_repository"
		policy     = "aws_ecr_lifecycle_policy"
		refusing   = `refusing a plan that deletes or replaces aws_ecr_repository.app["client"] (`
		moved      = "\nhint: a repository has a new key and its old name: add this to " +
			"terraform/moved.tf, then mage deploy\n\n" +
			"  moved {\n    from = aws_ecr_lifecycle_policy.app[\"client\"]\n" +
			"    to   = aws_ecr_lifecycle_policy.app[\"peer\"]\n  }\n\n  moved {\n    from = aws_ecr_repository.app[\"client\"]\n" +
			"    to   = aws_ecr_repository.app[\"peer\"]\n  }"
	)
	renaming := []terraform.Change{
		change(policy, "delete", "client", ""), change("other", "delete", "client", ""), change(policy, "create", "peer", ""),
		change(repository, "delete", "client", "team/client"), change(repository, "create", "peer", "team/client"),
	}
	for name, test := range map[string]struct {
		changes []terraform.Change
		images  int
		allowed bool
		want    string
	}{
		"a new key":                 {renaming, 10, false, refusing + "10 images)" + moved},
		"a new key, allowed, empty": {renaming, 0, true, refusing + "0 images)" + moved},
		"a new name": {
			[]terraform.Change{change(repository, "replace", "client", "team/client")},
			10, false,
			refusing + "10 images)\nhint: copy the images first: docs/deploying.md, \"Keep the images\"; if they may go: " +
				"mage ecr:cleanup -repo=team/client; mage deploy -allowDelete",
		},
	} {
		lost := map[string]loss{`aws_ecr_repository.app["client"]`: {"team/client", test.images}}
		err := refuseDeletes(s, terraform.Plan{Actions: test.changes}, lost, test.allowed)
		if got := console.ErrorText(err); got != test.want {
			t.Errorf("%s: refuseDeletes =\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// After a take-over, the state has names that it had not before.
func TestNameOf(t *testing.T) {
	s := &Stack{Held: []state.Repository{{Address: "old", Name: "team/app"}}}
	plan := terraform.Plan{Actions: []terraform.Change{{Address: "new", From: "old"}, {Address: "stranger"}}}
	for address, want := range map[string]string{"old": "team/app", "new": "team/app", "stranger": ""} {
		if got := s.nameOf(plan, address); got != want {
			t.Errorf("nameOf(%q) = %q, want %q", address, got, want)
		}
	}
}
