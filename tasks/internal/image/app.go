package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
)

// appsDir is where the programs are, one folder an image.
const appsDir = "apps"

// appName is a folder's name that is neither a flag, nor a path, nor hidden, and can stand in an image's entrypoint.
var appName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)

// CheckApp says whether there is what an app is built of: a Go program, or a Dockerfile and its context.
func (s Source) CheckApp(app string) error {
	if !appName.MatchString(app) {
		return fmt.Errorf("invalid app name %q: want a folder's name, of letters, digits, dots, dashes and underscores, "+
			"no dash or dot in front", app)
	}
	if one := s.of(app); one.Docker {
		return one.checkDockerfile(app)
	}
	return checkProgram(s.Root, app)
}

// NeedsDocker is whether an app has a Dockerfile and no Go program.
func NeedsDocker(root, app string) bool {
	known, err := listApps(root)
	return err == nil && !slices.Contains(known, app) && isThere(filepath.Join(root, dockerfile(app)))
}

func checkProgram(root, app string) error {
	known, err := listApps(root)
	if err != nil {
		return fmt.Errorf("looking for app %q: %w", app, err)
	}
	if slices.Contains(known, app) {
		return nil
	}
	if len(known) == 0 {
		return fmt.Errorf("unknown app %q: there is no program below %q", app, filepath.Join(root, appsDir))
	}
	return hint.Add(fmt.Errorf("unknown app %q: there is no program in %s/%s, only %s", app, appsDir, app,
		strings.Join(known, ", ")), "write a Go program or a Dockerfile there, or take %s out of locals.tf", app)
}

// listApps lists the folders below apps/ that hold Go files. No apps/ at all is an empty list.
func listApps(root string) ([]string, error) {
	sources, err := fs.Glob(os.DirFS(root), appsDir+"/*/*.go")
	var names []string
	for _, source := range sources {
		if name := path.Base(path.Dir(source)); appName.MatchString(name) {
			names = append(names, name)
		}
	}
	return slices.Compact(names), err
}

func (s Source) ports() ([]portSet, error) {
	ports := make([]portSet, len(s.Apps))
	var faults []error
	for i, app := range s.Apps {
		var err error
		if ports[i], err = dockerfilePorts(s.Root, app); err != nil {
			faults = append(faults, fmt.Errorf("building %q: %w", app, err))
		}
	}
	return ports, errors.Join(faults...)
}

// portSet is what an image's configuration says of ports, such as 8080/tcp.
type portSet = map[string]struct{}

// dockerfilePorts is the TCP ports that the app's Dockerfile exposes, so that both ways of building document the same.
func dockerfilePorts(root, app string) (portSet, error) {
	file := filepath.Join(root, dockerfile(app))
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ports := portSet{}
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || !strings.EqualFold(words[0], "EXPOSE") {
			continue
		}
		for _, word := range words[1:] {
			port, err := strconv.Atoi(strings.TrimSuffix(word, "/tcp"))
			if err != nil {
				return nil, fmt.Errorf("reading %q: EXPOSE %s: want a port number", file, word)
			}
			ports[strconv.Itoa(port)+"/tcp"] = struct{}{}
		}
	}
	return ports, nil
}
