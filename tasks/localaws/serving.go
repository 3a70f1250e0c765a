package localaws

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"time"
)

// Serving is a local AWS that answers at URL: in this process, or in that of a running serve.
type Serving struct {
	URL    string
	Shared int // the process id of the serve that answers; 0 when it is this process

	aws    *AWS
	server *http.Server
	failed chan error
	dir    string
	holder holder
}

func (h Home) serve(aws *AWS, listener net.Listener) (*Serving, error) {
	host := listener.Addr().String()
	aws.SetHost(host)
	s := &Serving{URL: "http://" + host, aws: aws, failed: make(chan error, maxAccounts), dir: h.Dir}
	s.holder = newHolder(h.Kind, s.URL)
	s.server = h.server(s.holder.introduce(aws))
	aws.ServeAccounts(func(account string) (string, error) {
		further, err := h.listen(context.Background(), filepath.Join(h.Dir, "ports", account), 0)
		if err != nil {
			return "", err
		}
		go func() { s.failed <- s.server.Serve(further) }()
		return further.Addr().String(), nil
	})
	go func() { s.failed <- s.server.Serve(listener) }()
	if err := s.holder.write(h.Dir); err != nil {
		return nil, errors.Join(err, s.Close(context.Background()))
	}
	return s, nil
}

// server bounds what a client can hold without sending anything: the headers must come within ten seconds, the next request
// within two minutes. A body may take as long as it takes: layers are large, and links slow.
func (h Home) server(handler http.Handler) *http.Server {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	if h.Options.Log != nil {
		server.ErrorLog.SetOutput(logWriter(h.Options.Log))
	}
	return server
}

// logWriter makes a line a call.
type logWriter func(format string, args ...any)

func (l logWriter) Write(line []byte) (int, error) {
	l("%s", bytes.TrimSpace(line))
	return len(line), nil
}

// Failed delivers the error that ends serving, if one does.
func (s *Serving) Failed() <-chan error { return s.failed }

// Close lets requests under way end, until ctx does, cuts off the rest, and gives the folder free. A shared serve goes on.
func (s *Serving) Close(ctx context.Context) error {
	if s.aws == nil {
		return nil
	}
	err := s.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("ending the requests under way: %w", err), s.server.Close())
	}
	return errors.Join(err, s.holder.remove(s.dir), s.aws.Close())
}
