package image

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// alone is an environment in which git has no configuration of the user or the machine.
func alone(t *testing.T) []string {
	t.Helper()
	home := t.TempDir()
	// no housekeeping in the background: git's and go's would still write while the folder is removed
	write(t, home, map[string]string{"go/telemetry/mode": "off"})
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=maintenance.auto", "GIT_CONFIG_VALUE_0=false",
		"GIT_CEILING_DIRECTORIES=" + filepath.Dir(home),
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=2020-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.com", "GIT_COMMITTER_DATE=2026-03-04T07:06:07+02:00",
	}
}

func gitDo(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func head(t *testing.T, dir string, env []string) Revision {
	t.Helper()
	rev, err := Head(t.Context(), dir, env)
	if err != nil {
		t.Fatal(err)
	}
	rev.tree = nil // which two looks do not share
	return rev
}

// committed is a repository with program in a folder of its own.
func committed(t *testing.T, env []string) (repository, module string) {
	t.Helper()
	repository = t.TempDir()
	module = write(t, filepath.Join(repository, "module"), program)
	gitDo(t, repository, env, "init", "-q")
	gitDo(t, repository, env, "add", ".")
	gitDo(t, repository, env, "commit", "-q", "-m", "first")
	return repository, module
}

func TestHead(t *testing.T) {
	env := alone(t)
	repository, dir := committed(t, env)
	want := Revision{Commit: gitDo(t, dir, env, "rev-parse", "HEAD"), Time: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	if got := head(t, dir, env); got != want {
		t.Errorf("Head of a clean tree = %+v, want %+v", got, want)
	}

	t.Run("a hook's GIT_DIR is not followed", func(t *testing.T) {
		if got := head(t, dir, append(env, "GIT_DIR=/nowhere", "GIT_INDEX_FILE=/nowhere/index")); got != want {
			t.Errorf("Head = %+v, want %+v", got, want)
		}
	})
	t.Run("somebody else's repository", func(t *testing.T) {
		write(t, repository, map[string]string{".gitignore": "/unpacked/\n", "unpacked/go.mod": "module x\n"})
		if got := head(t, filepath.Join(repository, "unpacked"), env); got.Commit != "" || got.Reason == "" {
			t.Errorf("Head of a folder that git does not know = %+v, want a reason", got)
		}
	})
}

func TestHeadWithout(t *testing.T) {
	env := alone(t)
	empty := t.TempDir()
	gitDo(t, empty, env, "init", "-q")
	broken := t.TempDir()
	write(t, broken, map[string]string{".git": "gitdir: nowhere\n"})
	for dir, reason := range map[string]string{
		t.TempDir(): "not a git repository",
		empty:       "does not have any commits yet",
		broken:      "not a git repository",
	} {
		got := head(t, dir, env)
		if got.Commit != "" || !strings.Contains(got.Reason, reason) || strings.Contains(got.Reason, "\n") {
			t.Errorf("Head(%s) = %+v, want the reason %q", dir, got, reason)
		}
		if got.Remedy == "" {
			t.Errorf("Head(%s) has no remedy", dir)
		}
		if got.Version() != "dev" || !got.created().Equal(time.Unix(0, 0)) {
			t.Errorf("Head(%s) is version %s of %s, want dev of the epoch", dir, got.Version(), got.created())
		}
	}
}

func TestHeadWithoutGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if got := head(t, t.TempDir(), nil); got.Reason != "git is not installed" || got.Remedy != "install git" {
		t.Errorf("Head without git = %+v", got)
	}
}

// A checkout of another user, such as in a container of CI: what git says to type is passed on.
func TestHeadOfAnotherUser(t *testing.T) {
	env := append(alone(t), "GIT_TEST_ASSUME_DIFFERENT_OWNER=1")
	repository, dir := committed(t, env[:len(env)-1])
	got := head(t, dir, env)
	if !strings.Contains(got.Reason, "another user owns it") ||
		got.Remedy != "git config --global --add safe.directory "+repository {
		t.Errorf("Head = %+v", got)
	}
}

// Nothing that a build asks for is missing from a shallow clone.
func TestHeadOfAShallowClone(t *testing.T) {
	env := alone(t)
	repository, _ := committed(t, env)
	write(t, repository, map[string]string{"module/more": "more\n"})
	gitDo(t, repository, env, "add", ".")
	gitDo(t, repository, env, "commit", "-q", "-m", "second")
	shallow := filepath.Join(t.TempDir(), "shallow")
	gitDo(t, repository, env, "clone", "-q", "--depth=1", "file://"+repository, shallow)
	got := judged(t, source(filepath.Join(shallow, "module"), env...)).Revision
	if got.Commit == "" || got.Dirty || got.Reason != "" {
		t.Errorf("a shallow clone is %+v", got)
	}
}

func TestHeadStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Head(ctx, t.TempDir(), alone(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Head after an interrupt = %v, want %v", err, context.Canceled)
	}
}
