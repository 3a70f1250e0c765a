// Command client is the other half of the Envoy proxy proof of concept: it keeps a few WebSocket connections open through
// Envoy, sends a message on each from time to time, and logs which pod answered.
//
// Settings are environment variables; see readConfig. Logs are JSON lines on stdout. It is not a load generator: its
// intervals have a lower bound, and after a refusal it waits.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "golang.org/x/crypto/x509roots/fallback" // roots for wss:// in an image that has no certificate file
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/apps/internal/pod"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version = "dev"

// grace is how long open connections have to say goodbye. It is shorter than Kubernetes' default of 30 s before SIGKILL.
const grace = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}

// run keeps connections open until ctx ends. Then it closes them with 1000.
func run(ctx context.Context, getenv func(string) string, stdout io.Writer) error {
	cfg, err := readConfig(getenv)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(stdout, nil)).With("client_id", cfg.clientID)
	c := newClient(cfg, log)
	health, err := pod.Listen(ctx, cfg.healthAddress, c.health(), log)
	if err != nil {
		return err
	}
	defer health.Close()

	working, running := errgroup.WithContext(ctx)
	working.Go(health.Serve)
	working.Go(func() error {
		defer health.Close() // last, so that /health answers all the while
		c.keepAll(running)
		return nil
	})
	log.Info("started", "endpoint", cfg.endpoint.Redacted(), "connections", cfg.connections,
		"health_address", health.Address(), "version", version)
	err = working.Wait()
	log.Info("stopped")
	return err
}
