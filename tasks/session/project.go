package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// TerraformDir is the folder of the Terraform configuration, from the project's root.
const TerraformDir = "terraform/04-ecr-repositories"

const module = "envoy-proxy-poc"

// Project is a checkout of this project, and the console to talk on.
type Project struct {
	*console.Console
	Root string
}

// Find finds the project at or above the working directory.
func Find() (*Project, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	return &Project{Console: Talk(), Root: root}, nil
}

// Talk is a console on the process's own streams. Where a target is asked for JSON, stdout is for the last one alone.
func Talk() *console.Console {
	_, noColor := os.LookupEnv("NO_COLOR")
	out := os.Stdout
	if menu.Aside() {
		out = os.Stderr
	}
	talk := console.New(os.Stdin, out, os.Stderr, noColor)
	if os.Getenv("TERM") == "dumb" {
		talk.Dumb()
	}
	return talk
}

// GitHub is the step of a GitHub workflow that this process runs in; an empty one elsewhere.
func (p *Project) GitHub() console.GitHub {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return console.GitHub{}
	}
	return console.GitHub{Summary: os.Getenv("GITHUB_STEP_SUMMARY"), Output: os.Getenv("GITHUB_OUTPUT"), Log: os.Stderr}
}

// Summarise adds to the summary of the step. A failure stops nothing, as the log has all of it.
func (p *Project) Summarise(markdown string) {
	if err := p.GitHub().Summarise(markdown); err != nil {
		p.Warn("no summary: %v", err)
	}
}

// Path is a path below the project's root.
func (p *Project) Path(elem ...string) string {
	return filepath.Join(append([]string{p.Root}, elem...)...)
}

// CacheDir is the folder for downloads and for what was found out about this machine. All checkouts of a user share it;
// without a HOME that can be written, this checkout has its own.
func (p *Project) CacheDir() string {
	if dir, err := os.UserCacheDir(); err == nil {
		dir = filepath.Join(dir, module, "terraform")
		if Writable(dir) {
			return dir
		}
	}
	return p.Path(".local", "cache")
}

// Writable is whether a folder can be written, or made where it does not exist yet. It leaves nothing behind.
func Writable(dir string) bool {
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	file, err := os.CreateTemp(dir, ".writable*")
	if err != nil {
		return false
	}
	return errors.Join(file.Close(), os.Remove(file.Name())) == nil
}

// findRoot is the folder of this project's go.mod and configuration, at or above the working directory.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		text, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
		info, err := os.Stat(filepath.Join(dir, TerraformDir))
		if modfile.ModulePath(text) == module && err == nil && info.IsDir() {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			err := fmt.Errorf("not in a checkout of this project: no folder at or above %q has module %s and %s", start,
				module, TerraformDir)
			return "", hint.Add(err, "change to the checkout: cd CHECKOUT")
		}
	}
}
