package image

import (
	"context"
	"maps"
	"slices"
	"time"
)

// inputs are the files that a build takes, by their paths from the top of the checkout: those on the disk, and those of
// the commit, which a build constraint can leave out of a program that is not the commit's then.
type inputs map[string]bool

// Judge compares what [Build] would take with the commit of s.Revision, and returns s with the verdict.
func Judge(ctx context.Context, s Source) (Source, error) {
	s, err := s.checked()
	if err != nil || s.Revision.tree == nil {
		return s, err
	}
	if slices.ContainsFunc(s.parts(), func(part Source) bool { return !part.Docker }) {
		if s.asked, err = s.compiler(ctx); err != nil {
			return s, err
		}
	}
	return s.judge(ctx)
}

// judge also compares with the judgement before. The times tell of a file that was edited and restored, too.
func (s Source) judge(ctx context.Context) (Source, error) {
	in := inputs{}
	for _, part := range s.parts() {
		list := part.compiled
		if part.Docker {
			list = part.sent
		}
		files, err := list(ctx)
		if err != nil {
			return s, err
		}
		maps.Copy(in, files)
	}
	before := s.changed
	s.changed = map[string]time.Time{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		how, at := s.Revision.tree.differs(name, 0)
		if was, known := before[name]; how == "" && before != nil && (!known || !was.Equal(at)) {
			how = "was changed during the build"
		}
		if s.changed[name] = at; how != "" && !s.Revision.Dirty {
			s.Revision.Dirty, s.Revision.Why = true, name+" "+how
		}
	}
	return s, nil
}

// steadily builds, and judges again. If a file was changed in the meantime, it builds once more, as -dirty.
func (s Source) steadily(ctx context.Context, build func(context.Context, Source) ([]Built, error)) ([]Built, error) {
	built, err := build(ctx, s)
	if err != nil || s.changed == nil || s.Revision.Dirty {
		return built, err
	}
	again, err := s.judge(ctx)
	if err != nil {
		return nil, err
	}
	if !again.Revision.Dirty {
		return built, nil
	}
	return build(ctx, again)
}
