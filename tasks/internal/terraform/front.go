//go:build unix

package terraform

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"envoy-proxy-poc/tasks/internal/files"
)

// front serves a socket in dir that terraform attaches to, until life ends. It passes on all that terraform asks the
// provider, but for the first question: the schema of everything that the provider has. The AWS provider takes a second
// to say it, and terraform another one to take it in, in each command. Here it is asked for once after an init, and
// terraform is told of what it uses.
func (t *Terraform) front(life context.Context, dir, provider string) (socket string, err error) {
	used, err := t.used()
	if err != nil {
		return "", err
	}
	socket = filepath.Join(dir, "front")
	listener, err := new(net.ListenConfig).Listen(life, "unix", socket)
	if err != nil {
		return "", err
	}
	forward := passOn(provider)
	forward.ModifyResponse = func(r *http.Response) error {
		if !asksSchema(r.Request) {
			return nil
		}
		whole, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		short, sound := only(whole, used)
		if err == nil && sound && r.Trailer.Get("Grpc-Status") == "0" {
			_ = files.Replace(t.schema(), whole) // where it cannot be kept, the next command asks again
		}
		r.Header.Del("Content-Length")
		r.Body = io.NopCloser(bytes.NewReader(short))
		return err
	}
	server := &http.Server{
		Protocols: withoutTLS(),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if kept, err := os.ReadFile(t.schema()); err == nil && asksSchema(r) {
				respond(w, "0")
				short, _ := only(kept, used)
				_, _ = w.Write(short)
				return
			}
			forward.ServeHTTP(w, r)
		}),
	}
	context.AfterFunc(life, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	return socket, nil
}

// passOn hands requests to the provider. gRPC is HTTP/2 with a status behind the answer.
func passOn(provider string) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "provider"}) },
		Transport: &http.Transport{
			Protocols: withoutTLS(),
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", provider)
			},
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			w.Header().Set("Grpc-Message", url.PathEscape(err.Error()))
			respond(w, "14") // it cannot be reached, so it has ended
		},
	}
}

func withoutTLS() *http.Protocols {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// respond begins an answer of gRPC.
func respond(w http.ResponseWriter, status string) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", status)
}

// asksSchema knows the question by its name, in version 5 of the protocol and in version 6.
func asksSchema(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, ".Provider/GetSchema") ||
		strings.HasSuffix(r.URL.Path, ".Provider/GetProviderSchema")
}
