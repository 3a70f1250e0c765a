package image

import (
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
	takes := func(name string) bool { // by its path from the module's folder
		return slices.Contains(decides, name) || slices.ContainsFunc(ignoring, func(m *patternmatcher.PatternMatcher) bool {
			ignored, err := m.MatchesOrParentMatches(name)
			return err != nil || !ignored
		})
	}
	in := inputs{files: map[string]bool{}, takes: func(name string) bool {
		below, inside := strings.CutPrefix(name, t.root+"/")
		if t.root == "" {
			below, inside = name, true
		}
		return inside && takes(below)
	}}
	err = fs.WalkDir(os.DirFS(t.dir()), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir():
			return fs.SkipDir
		case !entry.IsDir() && takes(name):
			in.files[path.Join(t.root, name)] = true
		}
		return nil
	})
	if err != nil {
		return inputs{}, fmt.Errorf("listing the files for Docker: %w", err)
	}
	return in, nil
}

// ignoring reads the .dockerignore. A Dockerfile may have one of its own, which some builders do not know: a file
// counts where one of the two leaves it.
func (s Source) ignoring() ([]*patternmatcher.PatternMatcher, error) {
	names := []string{dockerIgnore}
	for _, app := range s.Apps {
		names = append(names, dockerfile(app)+dockerIgnore)
	}
	var all []*patternmatcher.PatternMatcher
	for i, name := range names {
		text, err := os.Open(filepath.Join(s.Root, name))
		if errors.Is(err, fs.ErrNotExist) && i > 0 {
			continue
		}
		var patterns []string
		if err == nil {
			patterns, err = ignorefile.ReadAll(text)
			text.Close()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		matcher, err := patternmatcher.New(patterns)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		all = append(all, matcher)
	}
	return all, nil
}
