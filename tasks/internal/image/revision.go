package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/child"
)

const shortCommit = 12 // digits of a commit that a version shows

// Revision is what git says about the sources. The zero value is sources without a history, a tarball's.
type Revision struct {
	Commit string    // full hash
	Time   time.Time // of the commit, UTC
	Dirty  bool      // what is built differs from the commit: [Judge] finds out
	Why    string    // the first file that differs, and how
	Reason string    // why Commit is empty
	Remedy string    // what to type, or to do, for a commit
	tree   *tree     // what the commit holds; nil without one
}

// String is the commit as a tag: the full hash, perhaps with -dirty. Empty without a commit.
func (r Revision) String() string {
	if r.Commit != "" && r.Dirty {
		return r.Commit + "-dirty"
	}
	return r.Commit
}

// Version is what a program reports: the short commit, or dev. It is no tag and no date, so one commit is one binary.
func (r Revision) Version() string {
	switch short := r.Commit[:min(len(r.Commit), shortCommit)]; {
	case short == "":
		return "dev"
	case r.Dirty:
		return short + "-dirty"
	default:
		return short
	}
}

// created is the commit's time, the epoch without one: never the time of the build, which would change the digest.
func (r Revision) created() time.Time {
	if r.Time.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return r.Time.UTC()
}

// Head asks git for the commit of dir and for what it holds. No git, no repository, none that knows dir, no commit yet:
// that is a Revision with a Reason, not an error. A shallow clone suffices.
func Head(ctx context.Context, dir string, env []string) (Revision, error) {
	g := git{dir: dir, env: gitEnv(env)}
	said, err := g.run(ctx, "-c", "log.showSignature=false", "log", "-1", "--no-color", "--format=%H %ct")
	if err != nil {
		return without(ctx, err)
	}
	rev, err := parseRevision(said)
	if err == nil {
		rev.tree, err = g.tree(ctx, rev.Commit)
	}
	if err != nil {
		return Revision{}, fmt.Errorf("reading the commit of %q: %w", dir, err)
	}
	// A folder that was put into somebody else's repository must not take over that one's commit.
	if !rev.tree.holds("go.mod") {
		return Revision{Reason: "the git repository around it knows nothing of this folder", Remedy: cloneIt}, nil
	}
	return rev, nil
}

const cloneIt = "clone the repository instead of unpacking it"

// refusals are what git says where there is no commit, each with our sentence and with what to do.
var refusals = []struct{ said, reason, remedy string }{
	{"dubious ownership", "git does not trust this folder, because another user owns it", ""}, // git says what to type
	{"not a git repository", "this is not a git repository", cloneIt},
	{"does not have any commits", "this git repository does not have any commits yet", "git add -A && git commit"},
}

// without makes git's refusal a Revision, and an interrupt an error.
func without(ctx context.Context, err error) (Revision, error) {
	if ctx.Err() != nil {
		return Revision{}, context.Cause(ctx)
	}
	if errors.Is(err, exec.ErrNotFound) {
		return Revision{Reason: "git is not installed", Remedy: "install git"}, nil
	}
	first, rest, _ := strings.Cut(err.Error(), "\n")
	for _, r := range refusals {
		if strings.Contains(first, r.said) {
			_, typed, _ := strings.Cut(rest, "\tgit ")
			typed, _, _ = strings.Cut(typed, "\n")
			return Revision{Reason: r.reason, Remedy: cmp.Or(r.remedy, "git "+typed)}, nil
		}
	}
	return Revision{Reason: "git says: " + first, Remedy: "see to what git log -1 says"}, nil
}

func parseRevision(said string) (Revision, error) {
	commit, stamp, _ := strings.Cut(said, " ")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || commit == "" {
		return Revision{}, fmt.Errorf("git answered %q: want a hash and a time", said)
	}
	return Revision{Commit: commit, Time: time.Unix(seconds, 0).UTC()}, nil
}

type git struct {
	dir string
	env []string
}

// run returns git's stdout without surrounding space. An error is what git said.
func (g git) run(ctx context.Context, args ...string) (string, error) {
	cmd := child.Command(ctx, child.WithoutKeys(g.env), "git", args...)
	cmd.Dir = g.dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if said := strings.TrimSpace(stderr.String()); err != nil && said != "" {
		err = errors.New(strings.TrimPrefix(said, "fatal: "))
	}
	return strings.TrimSpace(string(stdout)), err
}

// gitEnv leaves out what would point git at another repository (a hook's GIT_DIR). git speaks English, takes no locks,
// asks nothing, and shows no replaced commit.
func gitEnv(env []string) []string {
	elsewhere := []string{
		"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX",
		"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
	}
	kept := slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(elsewhere, name)
	})
	return append(kept, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1")
}
