package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"
)

// vulnerabilityIndex is the file of a database by which govulncheck knows it (https://go.dev/security/vuln/database).
const vulnerabilityIndex = "index/modules.json"

// FindVulnerabilities is the address of a database of vulnerabilities as govulncheck takes it. db is an address or a
// folder, and empty for Go's own database. A database that does not answer is an error.
func FindVulnerabilities(ctx context.Context, db string) (string, error) {
	var err error
	db = cmp.Or(db, "https://vuln.go.dev")
	if web, parsed := url.Parse(db); parsed == nil && strings.HasPrefix(web.Scheme, "http") {
		err = reachVulnerabilities(ctx, strings.TrimRight(db, "/")+"/"+vulnerabilityIndex+".gz")
	} else {
		db, err = vulnerabilityFolder(strings.TrimPrefix(db, "file://"))
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return db, hint.Add(err, "name a mirror or a folder with a copy of the database: -db=https://HOST or -db=FOLDER")
}

func reachVulnerabilities(ctx context.Context, index string) error {
	limited, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodHead, index, nil)
	if err != nil {
		return fmt.Errorf("-db: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("the vulnerability database cannot be reached: %w", err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("the vulnerability database answers %s for %s", response.Status, request.URL.Redacted())
	}
	return nil
}

func vulnerabilityFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	_, missing := os.Stat(filepath.Join(dir, vulnerabilityIndex))
	if err := errors.Join(err, missing); err != nil {
		return "", fmt.Errorf("there is no vulnerability database: %w", err)
	}
	address := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(dir), "/")}
	return address.String(), nil
}
