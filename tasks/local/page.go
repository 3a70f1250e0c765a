package local

import (
	"context"
	"net/http"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/session"
)

// page answers a browser. The page is drawn anew for each visit, no other site can frame it, and it changes nothing.
func page(s *session.Session, draw func(context.Context, *session.Session) ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := draw(r.Context(), s)
		if err != nil {
			http.Error(w, console.ErrorLines(err), http.StatusInternalServerError)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", "frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		_, _ = w.Write(text)
	})
}
