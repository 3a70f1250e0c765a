package image

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// inputs are the files that a build takes. Their names are paths from the top of the checkout.
type inputs struct {
	files map[string]bool // false for one that is not there
	// takes is whether a build takes a file of the commit, or would if the file were there: none of these may be missing
	// or edited. A build constraint can leave a file out, and then the program is not the commit's either.
	takes func(name string) bool
}

// Judge compares what [Build] would compile with the commit of s.Revision, and returns s with the verdict. No file but
// the commit's own may go into an image that has the commit's tag.
func Judge(ctx context.Context, s Source) (Source, error) {
	s, err := s.checked()
	if err != nil || s.Revision.tree == nil {
		return s, err
	}
	if s.asked, err = s.compiler(ctx); err != nil {
		return s, err
	}
	return s.judge(ctx, s.compiled)
}

// JudgeDocker is [Judge] for [BuildDocker]: the files are those that are sent to the engine.
func JudgeDocker(ctx context.Context, s Source) (Source, error) {
	s, err := s.checked()
	if err != nil || s.Revision.tree == nil {
		return s, err
	}
	return s.judge(ctx, s.sent)
}

func (s Source) judge(ctx context.Context, list func(context.Context) (inputs, error)) (Source, error) {
	in, err := list(ctx)
	if err != nil {
		return s, err
	}
	for name := range s.Revision.tree.files {
		if in.takes(name) {
			in.files[name] = true
		}
	}
	s.changed = map[string]time.Time{}
	for _, name := range slices.Sorted(maps.Keys(in.files)) {
		if !in.files[name] {
			continue
		}
		how, at := s.Revision.tree.differs(name, 0)
		if s.changed[name] = at; how != "" && !s.Revision.Dirty {
			s.Revision.Dirty, s.Revision.Why = true, name+" "+how
		}
	}
	return s, nil
}

// steadily builds, and then looks again. If a file was changed in the meantime, the images are built once more, as
// -dirty: nobody knows what the compiler saw. The times tell of a file that was edited and restored, too.
func (s Source) steadily(ctx context.Context, list func(context.Context) (inputs, error),
	build func(context.Context, Source) ([]Built, error),
) ([]Built, error) {
	built, err := build(ctx, s)
	if err != nil || s.changed == nil || s.Revision.Dirty {
		return built, err
	}
	again, err := s.judge(ctx, list)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(again.changed)) {
		if at, known := s.changed[name]; !known || !at.Equal(again.changed[name]) {
			again.Revision.Dirty = true
			again.Revision.Why = cmp.Or(again.Revision.Why, name+" was changed during the build")
		}
	}
	if !again.Revision.Dirty {
		return built, nil
	}
	return build(ctx, again)
}
