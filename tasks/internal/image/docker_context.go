package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

const dockerIgnore = ".dockerignore"

// sent are the files of the build context, as the .dockerignore leaves them, and those that decide about the build.
func (s Source) sent(context.Context) (inputs, error) {
	sends, err := s.sends()
	if err != nil {
		return nil, err
	}
	t, in := s.Revision.tree, inputs{}
	for name := range t.files {
		if below, err := filepath.Rel(t.root, name); err == nil && filepath.IsLocal(below) && sends(below) {
			in[name] = true
		}
	}
	return in, fs.WalkDir(os.DirFS(t.dir()), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir():
			return fs.SkipDir
		case !entry.IsDir() && sends(name):
			in[path.Join(t.root, name)] = true
		}
		return nil
	})
}

// sends tells which files of the module a build takes. A Dockerfile may have a .dockerignore of its own, which some
// builders do not know: a file counts where one of the two leaves it.
func (s Source) sends() (func(name string) bool, error) {
	deciding := append(s.dockerfiles(), "")
	var ignoring []*patternmatcher.PatternMatcher
	for _, of := range deciding {
		text, err := os.ReadFile(filepath.Join(s.Root, of+dockerIgnore))
		if err != nil && of != "" {
			continue
		}
		patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
		matcher, faulty := patternmatcher.New(patterns)
		if err := errors.Join(err, faulty); err != nil {
			return nil, fmt.Errorf("reading %s: %w", of+dockerIgnore, err)
		}
		ignoring = append(ignoring, matcher)
	}
	return func(name string) bool {
		return slices.Contains(deciding, strings.TrimSuffix(name, dockerIgnore)) ||
			slices.ContainsFunc(ignoring, func(m *patternmatcher.PatternMatcher) bool {
				ignored, err := m.MatchesOrParentMatches(name)
				return err != nil || !ignored
			})
	}, nil
}
