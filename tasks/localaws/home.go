package localaws

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/localaws/durable"
)

// DefaultPort is where the local AWS listens when nobody chose a port for its data directory.
const DefaultPort = 4566

// Home is the folder of one local AWS: its data, its port and who runs it now.
//
// The port belongs to the folder, because it is part of every repository's address: state that was made behind one port
// does not fit another.
type Home struct {
	Dir string

	// Port is wanted when the folder is new, 0 for any free one. The folder's own port wins afterwards.
	Port int

	// Kind is what holds the folder: "local" or "serve". Only a serve is shared with other processes.
	Kind string

	// Waiting is told, once, which process holds the folder while this one waits for it. Optional.
	Waiting func(pid int)

	// Options are passed to [Open]; Dir and Host are filled in.
	Options Options
}

// Start opens the folder and serves it, or finds the serve that does already.
// While a process of another kind holds the folder it waits, until ctx ends.
func (h Home) Start(ctx context.Context) (*Serving, error) {
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the local AWS's folder: %w", err)
	}
	aws, shared, err := h.open(ctx)
	if err != nil || shared != nil {
		return shared, err
	}
	if err := removeNote(h.Dir); err != nil { // before there is anybody at its address
		return nil, errors.Join(err, aws.Close())
	}
	listener, err := h.listen(ctx, h.portFile(), h.Port)
	if err != nil {
		return nil, errors.Join(err, aws.Close())
	}
	return h.serve(aws, listener)
}

// open takes the folder's lock, or says which serve has it.
func (h Home) open(ctx context.Context) (*AWS, *Serving, error) {
	options := h.Options
	options.Dir = filepath.Join(h.Dir, "data")
	told := false
	for {
		aws, err := Open(options)
		if !errors.Is(err, ErrInUse) {
			return aws, nil, err
		}
		other := readHolder(h.Dir)
		if other.Kind == "serve" && other.answers(ctx) {
			if h.Kind == "serve" {
				return nil, nil, fmt.Errorf("process %d serves %s already, at %s", other.PID, h.Dir, other.URL)
			}
			return nil, &Serving{URL: other.URL, Shared: other.PID}, nil
		}
		if other.PID != 0 && !told && h.Waiting != nil {
			told = true
			h.Waiting(other.PID)
		}
		select {
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("waiting for process %d, which holds %s: %w", other.PID, h.Dir, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// listen binds the port of a file on loopback. Where there is no file it binds the wanted port, and makes the file.
func (h Home) listen(ctx context.Context, file string, wanted int) (net.Listener, error) {
	port, known, err := readPort(file, wanted)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, &PortError{Port: port, Holder: portHolder(port), Folder: h.Dir, err: err}
	}
	if known {
		return listener, nil
	}
	got := listener.Addr().(*net.TCPAddr).Port
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("keeping the local AWS's port: %w", err), listener.Close())
	}
	if err := durable.Replace(file, []byte(strconv.Itoa(got)+"\n")); err != nil {
		return nil, errors.Join(fmt.Errorf("keeping the local AWS's port: %w", err), listener.Close())
	}
	return listener, nil
}

func (h Home) portFile() string { return filepath.Join(h.Dir, "port") }

// readPort is the port of a file, or the one that is wanted where there is no file.
func readPort(file string, wanted int) (port int, known bool, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return wanted, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("reading the local AWS's port: %w", err)
	}
	if strings.TrimSpace(string(text)) == "" { // a power cut can leave it so
		return wanted, false, nil
	}
	port, err = strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || port < 1 || port > 65535 {
		const want = "want a port number: write it there, or delete the file to choose the port anew"
		return 0, false, fmt.Errorf("reading the local AWS's port: %s holds %q, %s", file, text, want)
	}
	return port, true, nil
}

// KeptPort is the port that belongs to the folder, 0 when it is new.
func (h Home) KeptPort() int {
	port, known, err := readPort(h.portFile(), h.Port)
	if err != nil || !known {
		return 0
	}
	return port
}
