package main

import (
	"strings"
	"testing"
	"time"
)

func TestConfigDefaults(t *testing.T) {
	unset := func(string) string { return "" }
	cfg, err := readConfig(unset)
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.endpoint.String(); got != "ws://envoy-proxy-service.default.svc.cluster.local:80" {
		t.Errorf("endpoint = %s", got)
	}
	if cfg.connections != 5 || cfg.connectEvery != 10*time.Second || cfg.messageMin != 10*time.Second ||
		cfg.messageMax != 20*time.Second {
		t.Errorf("readConfig = %+v", cfg)
	}
	if cfg.healthAddress != "0.0.0.0:8081" {
		t.Errorf("healthAddress = %s", cfg.healthAddress)
	}
	other, err := readConfig(unset)
	if err != nil || cfg.clientID == "" || cfg.clientID == other.clientID {
		t.Errorf("two clients are called %q and %q (%v), want random names", cfg.clientID, other.clientID, err)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	settings := map[string]string{
		"ENVOY_ENDPOINT": "https://user:secret@envoy", "MAX_CONNECTIONS": "0", "CONNECTION_INTERVAL": "0",
		"MESSAGE_INTERVAL_MIN": "30", "HEALTH_PORT": "abc", "CLIENT_ID": "a\r\nb",
	}
	_, err := readConfig(func(name string) string { return settings[name] })
	want := `ENVOY_ENDPOINT is "…@envoy": want a URL such as "ws://envoy:80" or "wss://example.com/path"
MAX_CONNECTIONS is "0": want a number from 1 to 1000
CONNECTION_INTERVAL is "0": want a duration from 10ms to 24h0m0s, such as "10s", or seconds, such as "10"
HEALTH_PORT is "abc": want a port number from 0 to 65535
CLIENT_ID is "a\r\nb": want one line of text without control characters
MESSAGE_INTERVAL_MIN is "30s": want at most MESSAGE_INTERVAL_MAX, which is 20s`
	if err == nil || err.Error() != want {
		t.Errorf("readConfig = %v\nwant %s", err, want)
	}
}

func TestConfigTakesOnlyWebSocketURLs(t *testing.T) {
	for endpoint, good := range map[string]bool{
		"ws://envoy": true, "wss://envoy:8443/path": true, "WS://envoy": true,
		"envoy:80": false, "http://envoy": false, "ws://": false, "ws://bad host": false,
	} {
		_, err := readConfig(func(name string) string { return map[string]string{"ENVOY_ENDPOINT": endpoint}[name] })
		if (err == nil) != good || (!good && !strings.HasPrefix(err.Error(), "ENVOY_ENDPOINT is ")) {
			t.Errorf("ENVOY_ENDPOINT=%s: error %v, want none: %t", endpoint, err, good)
		}
	}
}
