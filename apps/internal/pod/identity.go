package pod

import (
	"os"
	"time"
)

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
