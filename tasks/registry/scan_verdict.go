package registry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// verdict is the answer of the gate: nil is a yes. missing is the error about repositories that do not exist.
func (r scanReport) verdict(missing error) error {
	err := r.options.Gate.Judge(r.Repositories, r.again)
	var absent []string
	for _, repository := range r.Repositories {
		if repository.Exists && repository.Error == "" && len(repository.Images) == 0 {
			absent = append(absent, repository.Name)
		}
	}
	switch {
	case mg.ExitStatus(err) == session.Refused:
		return err
	case missing != nil:
		return missing
	case absent != nil && r.options.Image != "":
		return session.NoImage(r.options.Image, absent, "; or name one repository: -repo=NAME")
	case err == nil && absent != nil && (r.FailOn != "" || r.Strict):
		return hint.Add(fmt.Errorf("no image to judge in %s", strings.Join(absent, ", ")),
			"push one first: %s", menu.Typed("push:all"))
	}
	return err
}

// again is what was typed, with more, for a hint that goes on.
func (r scanReport) again(more ...string) string {
	image, repo := r.options.Image, r.options.Repo
	return menu.Typed("ecr:scan", slices.Concat(given(image != "", "-image="+image), given(repo != "", "-repo="+repo),
		r.flags.Words(), given(r.FailOn != "", "-failOn="+r.FailOn), given(r.Strict, "-strict"), more)...)
}
