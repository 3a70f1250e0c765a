package localaws

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// holder says which process has the folder open. It is a note for people and for sharing a serve; the lock is the store's own.
type holder struct {
	PID  int    `json:"pid"`
	Kind string `json:"kind"`
	URL  string `json:"url"`
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
	if err != nil {
		return err
	}
	path := holderFile(dir)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return fmt.Errorf("noting who holds %q: %w", dir, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("noting who holds %q: %w", dir, err)
	}
	return nil
}

// answers tells a live serve from a note that a killed one left.
func (h holder) answers(ctx context.Context) bool {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp4", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
