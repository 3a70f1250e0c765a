package localaws

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"envoy-proxy-poc/tasks/localaws/durable"
)

// holder says which process has the folder open. It is a note for people and for sharing a serve; the lock is the store's own.
type holder struct {
	PID  int    `json:"pid"`
	Kind string `json:"kind"`
	URL  string `json:"url"`
	ID   string `json:"id"` // of this serving: a killed process's note leads to a port that another may have by now
}

func newHolder(kind, url string) holder {
	return holder{PID: os.Getpid(), Kind: kind, URL: url, ID: rand.Text()}
}

func holderFile(dir string) string { return filepath.Join(dir, "holder.json") }

// readHolder is the zero holder when there is no readable note: one may just be in the making.
func readHolder(dir string) holder {
	var h holder
	text, err := os.ReadFile(holderFile(dir))
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err != nil {
		return holder{}
	}
	return h
}

func (h holder) write(dir string) error {
	text, err := json.Marshal(h)
	if err == nil {
		err = durable.Replace(holderFile(dir), text)
	}
	if err != nil {
		return fmt.Errorf("noting who holds %q: %w", dir, err)
	}
	return nil
}

// remove takes this holder's note away. One that another process has written since, because the folder was removed and made
// anew, is not touched.
func (h holder) remove(dir string) error {
	if readHolder(dir) != h {
		return nil
	}
	return removeNote(dir)
}

// removeNote takes away whatever note there is: for whoever has the lock, and so knows that its writer is dead.
func removeNote(dir string) error {
	if err := os.Remove(holderFile(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the note of who held %q: %w", dir, err)
	}
	return nil
}

// holderPath is where a [Home] says which serving this is. No bucket and no repository can have such a path.
const holderPath = "/-/holder"

// introduce answers at holderPath, and leaves everything else to next.
func (h holder) introduce(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != holderPath {
			next.ServeHTTP(w, r)
			return
		}
		_, _ = io.WriteString(w, h.ID) // whoever asked is gone
	})
}

// answers tells a live serve from a note that a killed one left, even when another process listens on its port by now.
func (h holder) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL+holderPath, nil)
	if err != nil {
		return false
	}
	reply, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request) // no proxy: it is this machine
	if err != nil {
		return false
	}
	defer reply.Body.Close()
	id, err := io.ReadAll(io.LimitReader(reply.Body, 100))
	return err == nil && h.ID != "" && string(id) == h.ID
}
