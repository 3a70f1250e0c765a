// Package local points the targets at the local AWS: `mage local …` runs them against it within this process, and
// `mage serve` serves it to other programs. Only addresses change: the targets read the same settings as on AWS.
package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// Local turns this process to the local AWS: starts it (or finds the running serve), and points the environment at it.
// The targets that follow on the command line read that environment, as they would read any other.
func Local(ctx context.Context) error {
	session.Local, menu.Command = true, "mage local"
	s, err := openLocal()
	if err != nil {
		return err
	}
	w, err := start(ctx, s, "local", localaws.Options{})
	if err != nil {
		return err
	}
	if _, err := stack.EnsureBucket(ctx, s, s.Bucket()); err != nil {
		return err
	}
	if menu.Alone() {
		s.Say("no target follows: %s", menu.Typed("deploy push:all ecr:status"))
	}
	if w.serving.Shared != 0 {
		return nil
	}
	return stack.ReleaseDeadLock(ctx, s)
}

// openLocal opens the session with nothing of the user's AWS configuration but the region. That is done before the
// server starts: a fault in the settings must not leave a server and a folder behind.
func openLocal() (*session.Session, error) {
	if err := dropAWS(); err != nil {
		return nil, err
	}
	return session.Open(session.Where{})
}

// start serves the local AWS, or finds the running serve, and points this process's environment at it.
func start(ctx context.Context, s *session.Session, kind string, options localaws.Options) (world, error) {
	port, err := wantedPort()
	if err != nil {
		return world{}, err
	}
	options.Account, options.Log = s.Settings.Environments[0].Account, s.Warn
	home := localaws.Home{
		Dir: s.Project.Path(".local"), Port: port, Kind: kind,
		Waiting: func(pid int) { s.Say("waiting for process %d, which runs the local AWS of this folder", pid) },
		Options: options,
	}
	if kept := home.KeptPort(); kept != 0 && port != 0 && os.Getenv("LOCAL_AWS_PORT") != "" && kept != port {
		s.Warn("LOCAL_AWS_PORT=%d is ignored: .local was made for port %d, "+
			"which is part of its repositories' addresses; rm -r .local starts anew", port, kept)
	}
	serving, err := home.Start(ctx)
	if busy := (*localaws.PortError)(nil); errors.As(err, &busy) {
		const fix = "stop it; or, to start anew on another port: rm -r .local && LOCAL_AWS_PORT=%d mage local …"
		return world{}, hint.Add(err, fix, busy.Port+1)
	}
	if errors.Is(err, localaws.ErrDamaged) {
		return world{}, hint.Add(err, "what it held is lost; to start anew: rm -r .local")
	}
	if err != nil {
		return world{}, err
	}
	shared := ""
	if serving.Shared != 0 {
		shared = fmt.Sprintf(" (shared: served by process %d)", serving.Shared)
	}
	s.Say("local AWS at %s%s; what it holds stays in .local", serving.URL, shared)
	w := world{dir: home.Dir, settings: s.Settings, serving: serving}
	return w, w.enter()
}

// wantedPort is LOCAL_AWS_PORT, for a .local that is new.
func wantedPort() (int, error) {
	text := os.Getenv("LOCAL_AWS_PORT")
	if text == "" {
		return localaws.DefaultPort, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return 0, fmt.Errorf("LOCAL_AWS_PORT is %q, want a port number (0 for any free one)", text)
	}
	return port, nil
}
