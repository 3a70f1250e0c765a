// Command app is the WebSocket server of the Envoy proxy proof of concept: it keeps connections open and answers every
// text message with JSON that says which pod received it.
//
// Settings are environment variables; see readConfig. Logs are JSON lines on stdout. It is not a load balancer, speaks
// no TLS and checks no identity: Envoy stands in front of it.
package main

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/apps/internal/pod"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version = "dev"

func main() { pod.Main("app", run) }

func run(ctx context.Context, process pod.Process) error {
	cfg, err := readConfig(process.Getenv)
	if err != nil {
		return err
	}
	log, peers := pod.Loggers(process)
	server := newServer(cfg, process.Clock, peers)
	public, err := pod.Listen(ctx, cfg.address, server, peers)
	if err != nil {
		return err
	}
	defer public.Close()
	health, err := pod.Listen(ctx, cfg.healthAddress, server.health(), peers)
	if err != nil {
		return err
	}
	defer health.Close()

	serving, running := errgroup.WithContext(ctx)
	serving.Go(public.Serve)
	serving.Go(health.Serve)
	log.Info("listening", "address", public.Address(), "health_address", health.Address(), "version", version)
	<-running.Done() // a signal, or a listener that broke

	log.Info("draining", "connected_clients", server.connected(), "grace", pod.Grace.String())
	// The context that has just ended would end the goodbyes too.
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), pod.Grace)
	defer cancel()
	server.drain()
	var goodbyes sync.WaitGroup
	goodbyes.Go(func() { public.Stop(stopping) })
	goodbyes.Go(func() { server.shutdown(stopping) })
	goodbyes.Wait()
	health.Close() // last, so that /ready says 503 all the while
	log.Info("stopped")
	return serving.Wait()
}
