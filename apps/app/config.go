package main

import (
	"fmt"
	"net"
	"strconv"

	"envoy-proxy-poc/apps/internal/pod"
)

const mostConnections = 1_000_000

type config struct {
	address        string // SERVER_HOST (0.0.0.0) and SERVER_PORT (8080): WebSocket connections
	healthAddress  string // SERVER_HOST and HEALTH_PORT (8081): /health, /ready, /metrics
	maxConnections int    // SERVER_MAX_CONNECTIONS (10000): a handshake beyond is answered with 503
	identity       pod.Identity
}

func readConfig(getenv func(string) string) (config, error) {
	env := pod.Env{Get: getenv}
	host := env.Host("SERVER_HOST", "0.0.0.0")
	port := env.Port("SERVER_PORT", 8080)
	health := env.Port("HEALTH_PORT", 8081)
	if port == health && port != 0 {
		env.Fault("HEALTH_PORT", strconv.Itoa(health), "another port than SERVER_PORT's")
	}
	cfg := config{
		address:       net.JoinHostPort(host, strconv.Itoa(port)),
		healthAddress: net.JoinHostPort(host, strconv.Itoa(health)),
		maxConnections: env.Int("SERVER_MAX_CONNECTIONS", 10_000, 1, mostConnections,
			fmt.Sprintf("a number from 1 to %d", mostConnections)),
		identity: env.Identity(),
	}
	return cfg, env.Err()
}
