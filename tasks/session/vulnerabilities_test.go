package session

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindVulnerabilities(t *testing.T) {
	mirror := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/mirror/index/modules.json.gz" {
			http.NotFound(w, r)
		}
	}))
	defer mirror.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	whole := t.TempDir()
	if err := os.Mkdir(filepath.Join(whole, "index"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(whole, vulnerabilityIndex), []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for db, want := range map[string]string{
		mirror.URL + "/mirror/": "",
		mirror.URL:              "the vulnerability database answers 404 Not Found for " + mirror.URL,
		gone.URL:                "the vulnerability database cannot be reached",
		whole:                   "",
		"file://" + whole:       "",
		t.TempDir():             "there is no vulnerability database",
		"ftp://127.0.0.1":       "there is no vulnerability database",
	} {
		address, err := FindVulnerabilities(t.Context(), db)
		switch {
		case want == "" && (err != nil || !strings.Contains(address, "://")):
			t.Errorf("%s: %q, %v", db, address, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "-db=")):
			t.Errorf("%s: %v, want %q and a hint", db, err, want)
		}
	}
}
