//go:build unix

package terraform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	"envoy-proxy-poc/tasks/internal/child"
	"envoy-proxy-poc/tasks/internal/lines"
)

// attach starts the provider for one command. terraform itself would check the checksum of its 700 MB and start it two
// or three times. end has to be called after the command. Without info terraform starts the provider as always: where
// the provider is not the one of the lock file, terraform says so better than this package could.
//
// A provider serves one command: some fail when they are configured a second time.
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

// attachable is the one provider of the lock file and its program in the data folder. program is empty where there is
// none to attach.
func (t *Terraform) attachable(env map[string]string) (name, program string, err error) {
	text, err := os.ReadFile(t.lockFile())
	if err != nil {
		return "", "", err
	}
	locked := lockedProvider.FindAllStringSubmatch(string(text), -1)
	switch count := strings.Count("\n"+string(text), "\nprovider "); {
	case count == 0:
		return "", "", nil
	case count > 1 || len(locked) != 1:
		return "", "", errors.New("the lock file names more than one provider, or is of an unknown form")
	case t.options.Destroys && env["AWS_CA_BUNDLE"] != "":
		return "", "", errors.New("a destroy configures the provider twice, which fails with AWS_CA_BUNDLE")
	}
	if err := errors.Join(oneConfiguration(t.options.Dir), noOverride(env)); err != nil {
		return "", "", err
	}
	name = locked[0][1]
	dir := filepath.Join(t.options.DataDir, "providers", filepath.FromSlash(name), locked[0][2], hostPlatform())
	sum, err := folderSum(dir, t.options.Attach)
	if err != nil || !slices.Contains(checksum.FindAllString(string(text), -1), fmt.Sprintf("%q", sum)) {
		return "", "", nil //nolint:nilerr // terraform will say what is wrong with the folder
	}
	programs, err := filepath.Glob(filepath.Join(dir, "terraform-provider-*"))
	if err == nil && len(programs) != 1 {
		err = fmt.Errorf("%s has %d programs", dir, len(programs))
	}
	if err != nil {
		return "", "", err
	}
	return name, programs[0], nil
}

// oneConfiguration is an error where a provider may be configured in several ways at once, for which terraform starts a
// process each. One process would mix them up.
func oneConfiguration(dir string) error {
	blocks, err := blocksIn(dir, "provider", "module")
	if err == nil && len(blocks) > 1 {
		err = errors.New("the configuration has modules, JSON files or several provider blocks")
	}
	return err
}

// noOverride is an error where terraform takes a provider from a developer's folder.
func noOverride(env map[string]string) error {
	configs, err := filepath.Glob(filepath.Join(env["HOME"], ".terraform.d", "*.tfrc"))
	if err != nil {
		return err
	}
	configs = append(configs, env["TF_CLI_CONFIG_FILE"], env["TERRAFORM_CONFIG"], filepath.Join(env["HOME"], ".terraformrc"))
	for _, config := range configs {
		if text, err := os.ReadFile(config); err == nil && strings.Contains(string(text), "dev_overrides") {
			return fmt.Errorf("%s has dev_overrides", config)
		}
	}
	return nil
}

const (
	// handshake is how long a provider may take to say where it listens. It takes 0.2 s on an idle machine.
	handshake = 30 * time.Second
	// farewell is how long a provider may take to end by itself.
	farewell = 5 * time.Second
	// longest is the length of a folder's name that leaves room for a socket's: the system allows 104 bytes or more.
	longest = 60
)

// pluginEnv is what terraform sets for each provider.
var pluginEnv = map[string]string{
	"TF_PLUGIN_MAGIC_COOKIE":   "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
	"PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_CLIENT_CERT": "",
}

// startProvider starts a provider with the environment of terraform. Whoever reaches its socket acts with its
// credentials, so the socket is in a folder that only this user can enter.
func (t *Terraform) startProvider(ctx context.Context, env map[string]string, name, program string) (
	info tfexec.ReattachInfo, end func(), err error,
) {
	temp := os.TempDir()
	if len(temp) > longest {
		temp = "/tmp"
	}
	dir, err := os.MkdirTemp(temp, "provider")
	if err != nil {
		return nil, nil, err
	}
	env = maps.Clone(env)
	maps.Copy(env, pluginEnv)
	env["PLUGIN_UNIX_SOCKET_DIR"], env["TF_APPEND_USER_AGENT"] = dir, t.options.Env["TF_APPEND_USER_AGENT"]
	cmd := child.Command(context.WithoutCancel(ctx), assignments(env), program)
	cmd.Dir, cmd.WaitDelay = t.options.Dir, time.Second
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
		t.endProvider(cmd, ended, words)
		_ = os.RemoveAll(dir)
	}
	if err = begin(cmd, ended); err == nil {
		select {
		case line := <-said:
			info, err = reattach(line, name, cmd.Process.Pid)
		case <-ended:
			err = fmt.Errorf("the provider ended at once: %s", clean(words.words()))
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-time.After(handshake):
			err = fmt.Errorf("the provider did not answer within %v", handshake)
		}
	}
	if err != nil {
		end()
	}
	return info, end, err
}

// begin starts a program, and closes ended when it has ended or did not start. One thread does both and lives as long
// as the program: Linux kills a child that is to die with its parent when the thread that started it ends.
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

// reattach reads what a provider says first: 1|protocol|unix|socket|grpc|
func reattach(line, name string, pid int) (tfexec.ReattachInfo, error) {
	parts := append(strings.Split(line, "|"), "", "", "", "")
	version, err := strconv.Atoi(parts[1])
	if err != nil || parts[2] != "unix" || parts[4] != "grpc" {
		return nil, fmt.Errorf("the provider begins with %q", line)
	}
	return tfexec.ReattachInfo{name: {
		Protocol: "grpc", ProtocolVersion: version, Pid: pid,
		Test: true, // else terraform would kill it after its first use
		Addr: tfexec.ReattachConfigAddr{Network: "unix", String: parts[3]},
	}}, nil
}

// endProvider ends a provider after its command. It ignores SIGINT. What a provider says when it panics would otherwise
// reach the user through terraform.
func (t *Terraform) endProvider(cmd *exec.Cmd, ended <-chan struct{}, words *stream) {
	if cmd.Process == nil {
		return
	}
	select {
	case <-ended:
		words.write(t.options.Stderr, []byte(words.words()))
		return
	default:
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(farewell):
		_ = cmd.Process.Kill()
		<-ended
	}
}
