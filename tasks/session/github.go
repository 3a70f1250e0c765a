package session

import (
	"os"

	"envoy-proxy-poc/tasks/internal/console"
)

// GitHub is the step of a GitHub workflow that this process runs in; an empty one elsewhere.
func (p *Project) GitHub() console.GitHub {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return console.GitHub{}
	}
	return console.GitHub{Summary: os.Getenv("GITHUB_STEP_SUMMARY"), Output: os.Getenv("GITHUB_OUTPUT"), Log: os.Stderr}
}
