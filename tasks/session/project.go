package session

import (
	"golang.org/x/mod/modfile"

	"fmt"
	"os"
	"path/filepath"

	"envoy-proxy-poc/tasks/internal/console"
)

// cacheDir is where downloads and what is made of discoveries lie, for all checkouts of a user; without a HOME, this
// one's.
func (p *Project) CacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return p.Path(".local", "cache")
	}
	return filepath.Join(dir, module, "terraform")
}

const (
	module     = "envoy-proxy-poc"
	Terraforms = "terraform/04-ecr-repositories"
)

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

func Talk() *console.Console {
	_, noColor := os.LookupEnv("NO_COLOR")
	return console.New(os.Stdin, os.Stdout, os.Stderr, noColor)
}

func (p *Project) Path(elem ...string) string {
	return filepath.Join(append([]string{p.Root}, elem...)...)
}

// findRoot is the folder of this project's go.mod and configuration, at or above the working directory.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		text, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
		configuration, err := os.Stat(filepath.Join(dir, Terraforms))
		if modfile.ModulePath(text) == module && err == nil && configuration.IsDir() {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("not in a checkout of this project: no folder at or above %q has module %s and %s", start,
				module, Terraforms)
		}
	}
}
