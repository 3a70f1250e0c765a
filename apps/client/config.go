package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

// The bounds of what can be set. Below them the client would flood the proxy it is there to observe.
const (
	maxConnections = 1000
	shortest       = 10 * time.Millisecond
	longest        = 24 * time.Hour
)

const defaultEndpoint = "ws://envoy-proxy-service.default.svc.cluster.local:80"

type config struct {
	endpoint      *url.URL      // ENVOY_ENDPOINT: ws:// or wss://
	connections   int           // MAX_CONNECTIONS (5)
	connectEvery  time.Duration // CONNECTION_INTERVAL (10s): between the first attempts of two connections
	messageMin    time.Duration // MESSAGE_INTERVAL_MIN (10s): the pause after an answer is random,
	messageMax    time.Duration // MESSAGE_INTERVAL_MAX (20s): between these two
	healthAddress string        // HEALTH_PORT (8081): /health, /metrics
	clientID      string        // CLIENT_ID; random if unset
	identity      pod.Identity
}

func readConfig(getenv func(string) string) (config, error) {
	env := pod.Env{Get: getenv}
	cfg := config{
		endpoint:      readEndpoint(&env),
		connections:   env.Int("MAX_CONNECTIONS", 5, 1, maxConnections, fmt.Sprintf("a number from 1 to %d", maxConnections)),
		connectEvery:  env.Duration("CONNECTION_INTERVAL", 10*time.Second, shortest, longest),
		messageMin:    env.Duration("MESSAGE_INTERVAL_MIN", 10*time.Second, shortest, longest),
		messageMax:    env.Duration("MESSAGE_INTERVAL_MAX", 20*time.Second, shortest, longest),
		healthAddress: net.JoinHostPort("0.0.0.0", strconv.Itoa(env.Port("HEALTH_PORT", 8081))),
		clientID:      env.Text("CLIENT_ID", "client-"+strings.ToLower(rand.Text()[:10])),
		identity:      env.Identity(),
	}
	if cfg.messageMin > cfg.messageMax {
		env.Fault("MESSAGE_INTERVAL_MIN", cfg.messageMin.String(),
			fmt.Sprintf("at most MESSAGE_INTERVAL_MAX, which is %s", cfg.messageMax))
	}
	return cfg, env.Err()
}

func readEndpoint(env *pod.Env) *url.URL {
	value := env.Text("ENVOY_ENDPOINT", defaultEndpoint)
	endpoint, err := url.Parse(value)
	if err != nil || endpoint.Host == "" || (endpoint.Scheme != "ws" && endpoint.Scheme != "wss") {
		if at := strings.LastIndex(value, "@"); at >= 0 {
			value = "…" + value[at:] // what stands before may be a password
		}
		env.Fault("ENVOY_ENDPOINT", value, `a URL such as "ws://envoy:80" or "wss://example.com/path"`)
	}
	return endpoint
}
