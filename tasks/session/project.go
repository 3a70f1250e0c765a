package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
)

// module is the path of this project's module, whatever a copy of the project calls it.
var module = strings.TrimSuffix(reflect.TypeFor[Project]().PkgPath(), "/tasks/session")

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
		dir = filepath.Join(dir, path.Base(module), "terraform")
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

// TerraformDir is the folder of the Terraform configuration, from the project's root.
func (p *Project) TerraformDir() string {
	if found := configurations(p.Root); len(found) > 0 {
		return found[0]
	}
	return "terraform"
}

// hasRepositories is of the locals.tf that belongs to these targets, where terraform has several folders.
var hasRepositories = regexp.MustCompile(`(?m)^\s*repositories\s*=`)

// configurations are the folders below root's terraform that may hold the configuration: the only one that holds any, or
// those with repositories in their locals.tf.
func configurations(root string) []string {
	files, _ := fs.Glob(os.DirFS(root), "terraform/*/*.tf") // the pattern is right
	dirs := make([]string, len(files))
	for i, file := range files {
		dirs[i] = path.Dir(file)
	}
	if dirs = slices.Compact(dirs); len(dirs) < 2 {
		return dirs
	}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		text, _ := os.ReadFile(filepath.Join(root, dir, "locals.tf"))
		return !hasRepositories.Match(text)
	})
}

// findRoot is the folder of this project's go.mod and configuration, at or above the working directory.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		text, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
		found := configurations(dir)
		switch own := modfile.ModulePath(text) == module; {
		case own && len(found) == 1:
			return dir, nil
		case own && len(found) > 1:
			err := fmt.Errorf("%s each have repositories in their locals.tf, and these targets work on one of them",
				strings.Join(found, " and "))
			return "", hint.Add(err, "move the other out of terraform: mv FOLDER ..")
		case dir == filepath.Dir(dir):
			err := fmt.Errorf("not in a checkout of this project: no folder at or above %q has module %s and a folder "+
				"terraform/*/ with repositories in its locals.tf", start, module)
			return "", hint.Add(err, "change to the checkout: cd CHECKOUT")
		}
	}
}
