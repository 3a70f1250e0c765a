package images

import (
	"bytes"
	"cmp"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// vulnDatabase is the address of a database as govulncheck takes it (https://go.dev/security/vuln/database).
func vulnDatabase(db string) (string, error) {
	db = cmp.Or(strings.TrimPrefix(db, "file://"), "https://vuln.go.dev")
	if web, err := url.Parse(db); err == nil && web.User != nil {
		return "", hint.Add(errors.New("-db has a user or a password in it, which other programs of this machine can read"),
			"name an address without them, or a folder with a copy of the database")
	}
	if strings.Contains(db, "://") {
		return db, nil
	}
	dir, err := filepath.Abs(db)
	_, missing := os.Stat(filepath.Join(dir, "index", "modules.json"))
	if err := errors.Join(err, missing); err != nil {
		return "", hint.Add(fmt.Errorf("-db=%s is no vulnerability database: %w", db, err),
			"name a folder with a copy of https://vuln.go.dev, or the address of a mirror: -db=https://HOST")
	}
	address := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(dir), "/")}
	return address.String(), nil
}

// judge looks a program up. Without a symbol table govulncheck would take every function of a module for linked, so
// such a program is looked up by its modules only.
func (r *vulnsReport) judge(ctx context.Context, p *session.Project, app string, program image.Program) error {
	name := app + " " + program.Platform.String()
	if program.Err != nil {
		r.NotJudged = append(r.NotJudged, name+": not looked at, as its program is none of Go: "+program.Err.Error())
		return nil
	}
	if n := len(program.Others); n > 0 { // as a base image has
		r.NotJudged = append(r.NotJudged, fmt.Sprintf("%s: only its entrypoint is looked at; executable files beside it: "+
			"%d, such as %s", name, n, program.Others[0]))
	}
	level := "symbol"
	if !hasSymbols(program.Binary) {
		level = "module"
	}
	said, err := r.govulncheck(ctx, p, program.Binary, level)
	if err != nil {
		return err
	}
	found, err := readVulns(said, name)
	if level == "module" && len(found) > 0 {
		r.NotJudged = append(r.NotJudged, name+": modules only: it has no symbol table, so its functions are not known")
	}
	r.Findings = append(r.Findings, found...)
	return err
}

// hasSymbols is whether a program has the symbol by which govulncheck finds its functions.
func hasSymbols(binary []byte) bool {
	file, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return false
	}
	symbols, err := file.Symbols()
	return err == nil && slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == "go:func.*" })
}

func (r *vulnsReport) govulncheck(ctx context.Context, p *session.Project, binary []byte, level string,
) (io.Reader, error) {
	dir, err := os.MkdirTemp("", "vulns-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "program")
	if err := os.WriteFile(file, binary, 0o600); err != nil {
		return nil, err
	}
	var said bytes.Buffer
	err = p.Tool(ctx, &said, "govulncheck", "-mode=binary", "-format=json", "-scan="+level, "-db="+r.Database, file)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		err = hint.Add(fmt.Errorf("cannot look programs up in the vulnerability database %s: %w", r.Database, err),
			"if it is out of reach, name a mirror or a folder with a copy: -db=https://HOST or -db=FOLDER")
	}
	return &said, err
}

// readVulns reads govulncheck's stream. Of a vulnerability it has a message for the module, for each package and for
// each linked function.
func readVulns(stream io.Reader, program string) ([]vulnFound, error) {
	var found []vulnFound
	whole := false
	for messages := json.NewDecoder(stream); ; {
		var m struct {
			Config  *struct{}
			Finding struct {
				OSV          string
				FixedVersion string `json:"fixed_version"`
				Trace        []struct{ Module, Version, Package, Function, Receiver string }
			}
		}
		err := messages.Decode(&m)
		switch {
		case errors.Is(err, io.EOF) && whole:
			slices.SortFunc(found, func(a, b vulnFound) int { return cmp.Compare(a.ID+a.Function, b.ID+b.Function) })
			return found, nil
		case err != nil:
			return nil, fmt.Errorf("reading what govulncheck says: %w", err)
		}
		whole = whole || m.Config != nil
		for _, frame := range m.Finding.Trace {
			one := vulnFound{m.Finding.OSV, frame.Module, frame.Version, m.Finding.FixedVersion, "", program}
			found = slices.DeleteFunc(found, func(f vulnFound) bool { return f == one }) // the next message says more
			if frame.Function != "" {
				one.Function = frame.Package + strings.TrimSuffix("."+frame.Receiver, ".") + "." + frame.Function
			}
			found = append(found, one)
		}
	}
}
