//go:build unix

package terraform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"envoy-proxy-poc/tasks/internal/files"
)

// front serves a socket in dir that terraform attaches to, until life ends. It passes everything on to the provider,
// except the first question of each command: for the schema of all types. The AWS provider needs a second to send it,
// and terraform another one to read it. Here the provider is asked once, and terraform gets the types that are used.
func (t *Terraform) front(life context.Context, dir, provider, socket string) (front string, err error) {
	used, unread := t.used()
	schema, unlocked := t.schemaFile()
	if err := errors.Join(unread, unlocked); err != nil {
		return "", err
	}
	front = filepath.Join(dir, "front")
	listener, err := new(net.ListenConfig).Listen(life, "unix", front)
	if err != nil {
		return "", err
	}
	forward := passOn(socket)
	forward.ModifyResponse = func(r *http.Response) error {
		if !asksSchema(r.Request) {
			return nil
		}
		whole, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		short, sound := only(whole, used, provider)
		if err == nil && sound && r.Trailer.Get("Grpc-Status") == "0" {
			_ = files.Replace(schema, whole) // where it cannot be kept, the next command asks again
		}
		r.Header.Del("Content-Length")
		r.Body = io.NopCloser(bytes.NewReader(short))
		return err
	}
	server := &http.Server{
		Protocols: withoutTLS(), ErrorLog: silent,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asksSchema(r) {
				kept, _ := os.ReadFile(schema)
				if short, sound := only(kept, used, provider); sound {
					respond(w, "0", "")
					_, _ = w.Write(short)
					return
				}
			}
			forward.ServeHTTP(w, r)
		}),
	}
	context.AfterFunc(life, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	return front, nil
}

// silent is for what net/http logs: Terraform says why a call failed.
var silent = log.New(io.Discard, "", 0)

// passOn hands calls to the provider. gRPC is HTTP/2 with a status behind the answer.
func passOn(socket string) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "provider"}) },
		Transport: &http.Transport{
			Protocols: withoutTLS(),
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", socket)
			},
		},
		ErrorLog: silent,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			respond(w, "14", err.Error()) // UNAVAILABLE: the provider has ended
		},
	}
}

func withoutTLS() *http.Protocols {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// respond begins an answer of gRPC, and says how it will end.
func respond(w http.ResponseWriter, status, message string) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", status)
	w.Header().Set(http.TrailerPrefix+"Grpc-Message", url.PathEscape(message))
}

// asksSchema knows the question by its name, in version 5 of the protocol and in version 6.
func asksSchema(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, ".Provider/GetSchema") ||
		strings.HasSuffix(r.URL.Path, ".Provider/GetProviderSchema")
}
