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

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

const dockerIgnore = ".dockerignore"

// sent are the files of the build contexts, as each .dockerignore leaves them, and those that decide about the builds.
func (s Source) sent(context.Context) (inputs, error) {
	in := inputs{}
	for _, app := range s.Apps {
		if err := s.of(app).addContext(in); err != nil {
			return nil, err
		}
	}
	return in, nil
}

func (s Source) addContext(in inputs) error {
	sends, err := s.sends()
	if err != nil {
		return err
	}
	t := s.Revision.tree
	for _, name := range append(s.deciding(), s.recipe.From) {
		if name != "" {
			in.add(t, path.Join(t.root, name))
		}
	}
	top := path.Join(t.root, s.context())
	for name := range t.files {
		if below, err := filepath.Rel(top, name); err == nil && filepath.IsLocal(below) && sends(below) {
			in[name] = true
		}
	}
	return fs.WalkDir(os.DirFS(filepath.Join(t.top, top)), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir():
			return fs.SkipDir
		case !entry.IsDir() && sends(name):
			in[path.Join(top, name)] = true
		}
		return nil
	})
}

// deciding are the files that decide about the build of the only app, whether they are in its context or not.
func (s Source) deciding() []string {
	return []string{dockerfile(s.Apps[0]), dockerfile(s.Apps[0]) + dockerIgnore, path.Join(s.context(), dockerIgnore)}
}

// sends tells which files of the context a build takes. A Dockerfile may have a .dockerignore of its own, which some
// builders do not know: a file counts where one of the two leaves it.
func (s Source) sends() (func(name string) bool, error) {
	var ignoring []*patternmatcher.PatternMatcher
	for i, file := range s.deciding()[1:] {
		text, err := os.ReadFile(filepath.Join(s.Root, file))
		if err != nil && i == 0 {
			continue
		}
		patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
		matcher, faulty := patternmatcher.New(patterns)
		if err := errors.Join(err, faulty); err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		ignoring = append(ignoring, matcher)
	}
	return func(name string) bool {
		return slices.ContainsFunc(ignoring, func(m *patternmatcher.PatternMatcher) bool {
			ignored, err := m.MatchesOrParentMatches(name)
			return err != nil || !ignored
		})
	}, nil
}
