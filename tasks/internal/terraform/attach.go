//go:build unix

package terraform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"golang.org/x/sys/unix"

	"envoy-proxy-poc/tasks/internal/child"
	"envoy-proxy-poc/tasks/internal/lines"
)

// attach starts the provider for one command, until end is called. terraform itself would check the checksum of its 700
// MB and start it two or three times; here the check of the init counts while no file of the provider changes. Without
// info terraform starts the provider as always.
func (t *Terraform) attach(ctx context.Context, env map[string]string) (info tfexec.ReattachInfo, end func()) {
	name, program, err := t.attachable(env)
	if err == nil && program != "" {
		if info, end, err = t.startProvider(ctx, env, name, program); err == nil {
			return info, end
		}
	}
	if err != nil && ctx.Err() == nil {
		t.options.Unattached(err)
	}
	return nil, func() {}
}

// attachable is the one provider of the lock file and its program, empty where there is none to attach.
func (t *Terraform) attachable(env map[string]string) (name, program string, err error) {
	text, err := os.ReadFile(t.lockFile())
	blocks, unread := blocksIn(t.options.Dir, "provider", "module")
	if err := errors.Join(err, unread, noOverride(env)); err != nil {
		return "", "", err
	}
	locked := lockedProvider.FindAllStringSubmatch(string(text), -1)
	switch count := strings.Count("\n"+string(text), "\nprovider "); {
	case count == 0:
		return "", "", nil
	case count > 1 || len(locked) != 1:
		return "", "", errors.New("the lock file names more than one provider, or is of an unknown form")
	case len(blocks) > 1: // terraform starts a process for each; one process would mix them up
		return "", "", errors.New("the configuration has modules, JSON files or several provider blocks")
	case t.options.Destroys && env["AWS_CA_BUNDLE"] != "":
		return "", "", errors.New("a destroy configures the provider twice, which fails with AWS_CA_BUNDLE")
	}
	name = locked[0][1]
	programs, _ := filepath.Glob(filepath.Join(t.providerDir(name, locked[0][2]), "terraform-provider-*"))
	if len(programs) != 1 || !t.vouched() {
		return "", "", nil // terraform will say what is wrong with the folder
	}
	return name, programs[0], nil
}

// noOverride is an error where terraform takes a provider from a developer's folder.
func noOverride(env map[string]string) error {
	configs, _ := filepath.Glob(filepath.Join(env["HOME"], ".terraform.d", "*.tfrc"))
	configs = append(configs, filepath.Join(env["HOME"], ".terraformrc"), env["TF_CLI_CONFIG_FILE"],
		env["TERRAFORM_CONFIG"])
	for _, config := range configs {
		if text, err := os.ReadFile(config); err == nil && strings.Contains(string(text), "dev_overrides") {
			return fmt.Errorf("%s has dev_overrides", config)
		}
	}
	return nil
}

// patience is for a provider to say where it listens, 0.2 s on an idle machine, and then to end.
const patience = 30 * time.Second

// startProvider starts a provider with the environment of terraform. Whoever reaches its socket acts with its
// credentials, so only this user can enter the socket's folder.
func (t *Terraform) startProvider(ctx context.Context, env map[string]string, name, program string) (
	info tfexec.ReattachInfo, end func(), err error,
) {
	temp := os.TempDir()
	if len(temp) > 60 { // a socket's path has at most 104 bytes
		temp = "/tmp"
	}
	dir, err := os.MkdirTemp(temp, "provider")
	if err != nil {
		return nil, nil, err
	}
	env = maps.Clone(env)
	maps.Copy(env, map[string]string{ // what terraform sets for each provider
		"TF_PLUGIN_MAGIC_COOKIE":   "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		"PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_CLIENT_CERT": "", "PLUGIN_UNIX_SOCKET_DIR": dir,
		"TF_APPEND_USER_AGENT": t.options.Env["TF_APPEND_USER_AGENT"],
	})
	life, over := context.WithCancel(context.WithoutCancel(ctx))
	cmd := child.Command(life, assignments(env), program)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it ignores SIGINT
	cmd.Dir, cmd.WaitDelay = t.options.Dir, patience
	said, words := make(chan string, 1), newStream(&t.writing, nil, nil)
	cmd.Stderr = words.err()
	cmd.Stdout = &lines.Writer{Take: func(line string) {
		select {
		case said <- line:
		default: // only the first line counts
		}
	}}
	dieWithUs(cmd)
	ended := make(chan struct{})
	end = func() {
		if closed(ended) { // it panicked: terraform would have passed on what it said
			words.write(t.options.Stderr, []byte(words.words()))
		}
		over()
		<-ended
		_ = os.RemoveAll(dir)
	}
	if err = begin(cmd, ended); err == nil {
		select {
		case line := <-said:
			info, err = t.reattach(life, dir, line, name, cmd.Process.Pid)
		case <-ended:
			err = errors.New("the provider ended at once")
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-time.After(patience):
			err = fmt.Errorf("the provider did not answer within %v", patience)
		}
	}
	if err != nil {
		end()
	}
	return info, end, err
}

// begin starts a program, and closes ended when it has ended or did not start. One thread does both and lives as long
// as the program: Linux kills a child with Pdeathsig when the thread that started it ends.
func begin(cmd *exec.Cmd, ended chan<- struct{}) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	return <-started
}

// reattach reads what a provider says first, such as 1|5|unix|/socket|grpc|, and opens a socket in front of that.
func (t *Terraform) reattach(life context.Context, dir, line, name string, pid int) (tfexec.ReattachInfo, error) {
	parts := append(strings.Split(line, "|"), "", "", "", "")
	version, err := strconv.Atoi(parts[1])
	if err != nil || parts[2] != "unix" || parts[4] != "grpc" {
		return nil, fmt.Errorf("the provider begins with %q", line)
	}
	socket, err := t.front(life, dir, name, parts[3])
	if err != nil {
		return nil, err
	}
	return tfexec.ReattachInfo{name: {
		Protocol: "grpc", ProtocolVersion: version, Pid: pid,
		Test: true, // else terraform would kill it after its first use
		Addr: tfexec.ReattachConfigAddr{Network: "unix", String: socket},
	}}, nil
}

// traits tell whether any file of a folder was touched. A link to a folder is followed.
func traits(dir string) (text string, err error) {
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		var s unix.Stat_t
		if err == nil {
			err = unix.Stat(path, &s)
		}
		text += fmt.Sprintln(path, s.Dev, s.Ino, s.Mode, s.Size, s.Mtim, s.Ctim)
		return err
	})
	return text, err
}
