// Package pod is what both programs need to live in a Kubernetes pod.
package pod

import (
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Env reads settings from environment variables and remembers every fault. An empty variable counts as unset.
type Env struct {
	Get func(string) string // such as os.Getenv. Required.

	faults []error
}

// Err returns all faults found so far, one a line, or nil.
func (e *Env) Err() error { return errors.Join(e.faults...) }

// Fault records that a variable's value, which is shown, cannot be used, and what it should look like.
func (e *Env) Fault(name, value, want string) {
	e.faults = append(e.faults, fmt.Errorf("%s is %q: want %s", name, value, want))
}

// Text returns a value that fits into an HTTP header: one line without control characters.
func (e *Env) Text(name, fallback string) string {
	value := e.Get(name)
	if value == "" {
		return fallback
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		e.Fault(name, value, "one line of text without control characters")
	}
	return value
}

// Host returns the address to listen on: an IP address or a name, without a port.
func (e *Env) Host(name, fallback string) string {
	value := e.Text(name, fallback)
	if net.ParseIP(value) == nil && strings.ContainsAny(value, ":/[] ") {
		e.Fault(name, value, `an IP address or a host name without a port, such as "0.0.0.0"`)
	}
	return value
}

// Port returns a TCP port. 0 means any free one.
func (e *Env) Port(name string, fallback int) int {
	return e.Int(name, fallback, 0, math.MaxUint16, "a port number from 0 to 65535")
}

// Int returns a whole number from least to most.
func (e *Env) Int(name string, fallback, least, most int, want string) int {
	text := e.Get(name)
	if text == "" {
		return fallback
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < least || value > most {
		e.Fault(name, text, want)
		return fallback
	}
	return value
}

// Duration returns a time from least to most. It is written with a unit ("10s", "1m30s"), or as plain seconds ("10").
func (e *Env) Duration(name string, fallback, least, most time.Duration) time.Duration {
	text := e.Get(name)
	if text == "" {
		return fallback
	}
	value, err := time.ParseDuration(text)
	if err != nil {
		value, err = time.ParseDuration(text + "s")
	}
	if err != nil || value < least || value > most {
		e.Fault(name, text, fmt.Sprintf(`a duration from %s to %s, such as "10s", or seconds, such as "10"`, least, most))
		return fallback
	}
	return value
}

// unknown stands for what neither Kubernetes nor the operating system says.
const unknown = "unknown"

// Identity is the pod as its peers see it.
type Identity struct {
	Name string // HOSTNAME, which Kubernetes sets to the pod's name; else what the operating system calls the host.
	IP   string // POD_IP, which a pod has only if its spec asks the downward API for status.podIP; else "unknown".
}

// Identity reads who this pod is.
func (e *Env) Identity() Identity {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = unknown
	}
	return Identity{Name: e.Text("HOSTNAME", host), IP: e.Text("POD_IP", unknown)}
}

// Timestamp writes a time as both programs do: RFC 3339, UTC, milliseconds.
func Timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
