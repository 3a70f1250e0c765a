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

// sent are the files of the build context, as the .dockerignore leaves them, and those that decide about the build.
// Git's own folder is left out: no commit has it.
func (s Source) sent(context.Context) (inputs, error) {
	t := s.Revision.tree
	ignoring, err := s.ignoring()
	if err != nil {
		return inputs{}, err
	}
	decides := []string{dockerIgnore}
	for _, app := range s.Apps {
		decides = append(decides, dockerfile(app), dockerfile(app)+dockerIgnore)
	}
	in := inputs{files: map[string]bool{}, takes: func(name string) bool {
		below, err := filepath.Rel(t.root, name)
		if err != nil || !filepath.IsLocal(below) {
			return false
		}
		return slices.Contains(decides, below) || slices.ContainsFunc(ignoring, func(m *patternmatcher.PatternMatcher) bool {
			ignored, err := m.MatchesOrParentMatches(below)
			return err != nil || !ignored
		})
	}}
	err = fs.WalkDir(os.DirFS(t.dir()), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir():
			return fs.SkipDir
		case !entry.IsDir() && in.takes(path.Join(t.root, name)):
			in.files[path.Join(t.root, name)] = true
		}
		return nil
	})
	return in, err
}

// ignoring reads the .dockerignore; without one, all files are sent. A Dockerfile may have one of its own, which some
// builders do not know: a file counts where one of the two leaves it.
func (s Source) ignoring() ([]*patternmatcher.PatternMatcher, error) {
	names := []string{dockerIgnore}
	for _, app := range s.Apps {
		names = append(names, dockerfile(app)+dockerIgnore)
	}
	var all []*patternmatcher.PatternMatcher
	for i, name := range names {
		text, err := os.ReadFile(filepath.Join(s.Root, name))
		if err != nil && i > 0 {
			continue
		}
		patterns, err := ignorefile.ReadAll(bytes.NewReader(text))
		matcher, faulty := patternmatcher.New(patterns)
		if err := errors.Join(err, faulty); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		all = append(all, matcher)
	}
	return all, nil
}
