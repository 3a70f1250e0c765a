package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// bootstrapLocal does so in the local AWS, which has one account only.
func bootstrapLocal(ctx context.Context) error {
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	return stack.EnsureBucket(ctx, s, s.Bucket())
}

// Local turns this process to the local AWS: starts it (or finds the running serve), and points the environment at it.
// The targets that follow on the command line read that environment, as they would read anybody's.
func Local(ctx context.Context) error {
	p, err := session.Find()
	if err != nil {
		return err
	}
	_, serving, err := enterLocal(ctx, p, "local", localaws.Options{})
	if err != nil {
		return err
	}
	session.Local, menu.Command = true, "mage local"
	s, err := session.Open(session.Where{})
	if err != nil {
		return err
	}
	if err := stack.EnsureBucket(ctx, s, s.Bucket()); err != nil {
		return err
	}
	if menu.Alone() {
		s.Say("no target follows: %s", menu.Typed("deploy push:all ecr:status"))
	}
	if serving.Shared != 0 {
		return nil
	}
	return stack.ReleaseDeadLock(ctx, s)
}

// enterLocal serves the local AWS and points this process's environment at it. Settings are read first: a fault in them
// must not leave a server and a folder behind.
func enterLocal(ctx context.Context, p *session.Project, kind string, options localaws.Options) (localWorld,
	*localaws.Serving, error) {
	defaults, err := settings.Load(p.Path(session.TerraformDir), settings.Override{})
	if err != nil {
		return localWorld{}, nil, err
	}
	options.Account = defaults.Account
	serving, err := startLocal(ctx, p, kind, options)
	if err != nil {
		return localWorld{}, nil, err
	}
	if serving.Shared != 0 {
		p.Say("local AWS at %s (shared: served by process %d)", serving.URL, serving.Shared)
	} else {
		p.Say("local AWS at %s", serving.URL)
	}
	world := localWorld{dir: p.Path(".local"), url: serving.URL, settings: defaults}
	return world, serving, world.enter()
}

func startLocal(ctx context.Context, p *session.Project, kind string, options localaws.Options) (*localaws.Serving,
	error) {
	port, err := wantedPort()
	if err != nil {
		return nil, err
	}
	home := localaws.Home{
		Dir: p.Path(".local"), Port: port, Kind: kind,
		Waiting: func(pid int) { p.Say("waiting for process %d, which runs the local AWS of this folder", pid) },
		Options: options,
	}
	if kept := home.KeptPort(); kept != 0 && port != 0 && os.Getenv("LOCAL_AWS_PORT") != "" && kept != port {
		p.Warn("LOCAL_AWS_PORT=%d is ignored: .local was made for port %d, which is part of its repositories' addresses; rm -r .local starts anew",
			port, kept)
	}
	serving, err := home.Start(ctx)
	if busy := (*localaws.PortError)(nil); errors.As(err, &busy) {
		return nil, hint.Add(err,
			"stop it; or, to start anew on another port: rm -r .local && LOCAL_AWS_PORT=%d mage local …", busy.Port+1)
	}
	return serving, err
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
