// Command client is the other half of the Envoy proxy proof of concept: it keeps a few WebSocket connections open
// through Envoy, sends a message on each from time to time, and logs which pod answered.
//
// Settings are environment variables; see readConfig. Logs are JSON lines on stdout, of which the last has the totals;
// how long answers took is drawn on stderr at the end. It is not a load generator: its intervals have a lower bound,
// and after a refusal it waits.
package main

import (
	"context"
	"log/slog"

	_ "golang.org/x/crypto/x509roots/fallback" // roots for wss:// in an image that has no certificate file
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/apps/internal/pod"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func main() { pod.Main("client", run) }

// run keeps connections open until ctx ends. Then it closes them with 1000, and sums up.
func run(ctx context.Context, process pod.Process) error {
	cfg, err := readConfig(process.Getenv)
	if err != nil {
		return err
	}
	log, peers := pod.Loggers(process)
	log, peers = log.With("client_id", cfg.clientID), peers.With("client_id", cfg.clientID)
	c := newClient(cfg, process.Clock, peers)
	health, err := pod.Listen(ctx, cfg.healthAddress, c.health(), peers)
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
	sum := c.sum()
	sum.draw(process.Stderr)
	log.LogAttrs(ctx, slog.LevelInfo, "stopped", sum.attributes()...)
	return err
}
