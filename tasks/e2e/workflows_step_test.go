package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// run runs a step as GitHub runs `shell: bash`, with the files in which a step writes its outputs.
func (r *runner) run(out *ran, step workflowStep, known names, environment map[string]string) int {
	r.t.Helper()
	files := r.t.TempDir()
	script := filepath.Join(files, "script.sh")
	write(r.t, script, scriptOf(step))
	env := maps.Clone(environment)
	maps.Copy(env, r.filled(step.Env, known))
	for _, name := range []string{"GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"} {
		env[name] = filepath.Join(files, name)
		write(r.t, env[name], "")
	}
	code := r.bash(out, script, env)
	for name, value := range pairs(r.t, env["GITHUB_ENV"]) {
		environment[name] = value
	}
	for name, value := range pairs(r.t, env["GITHUB_OUTPUT"]) {
		known["steps."+step.ID+".outputs."+name] = value
	}
	return code
}

// scriptOf is the script of a step. The step that runs the tests would run this test, too: only its command line is
// tried. The database of vulnerabilities is the tests' own, as the network may not be there.
func scriptOf(step workflowStep) string {
	return strings.NewReplacer(
		"go tool mage -compile", trimmed+" go tool mage -compile",
		"exec ./dist/mage check", "exec ./dist/mage -h check",
		"exec ./dist/mage build:vulns", "exec ./dist/mage build:vulns -db=tasks/e2e/testdata/vulndb/unlinked",
	).Replace(step.Run)
}

func (r *runner) bash(out *ran, script string, env map[string]string) int {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
	cmd.Dir, cmd.Env = r.world.dir, environ(env)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	out.said += said.String()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// pairs reads NAME=VALUE lines, and NAME<<END with lines until END.
func pairs(t *testing.T, file string) map[string]string {
	t.Helper()
	set := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(read(t, file))); lines.Scan(); {
		line := lines.Text()
		if name, end, found := strings.Cut(line, "<<"); found && !strings.Contains(name, "=") {
			var value []string
			for lines.Scan() && lines.Text() != end {
				value = append(value, lines.Text())
			}
			set[name] = strings.Join(value, "\n")
			continue
		}
		name, value, found := strings.Cut(line, "=")
		if !found {
			t.Errorf("%s: %q sets nothing", filepath.Base(file), line)
		}
		set[name] = value
	}
	return set
}
