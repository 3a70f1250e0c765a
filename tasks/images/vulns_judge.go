package images

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// judge looks a program up. Without a symbol table govulncheck would take every function of a module for linked, so
// such a program is looked up by its modules only.
func (r *vulnsReport) judge(ctx context.Context, p *session.Project, program image.Program) (judgedProgram, error) {
	judged := judgedProgram{Platform: program.Platform.String(), Findings: []vulnFound{}}
	err := program.Err
	if err == nil {
		_, err = buildinfo.Read(bytes.NewReader(program.Binary))
	}
	if err != nil {
		judged.Reason = "not looked at, as its program is none of Go: " + err.Error()
		return judged, nil
	}
	level := "symbol"
	if !hasSymbols(program.Binary) {
		level = "module"
	}
	if judged.Findings, err = r.lookUp(ctx, p, program.Binary, level); err != nil {
		return judged, err
	}
	if level == "module" && len(judged.Findings) > 0 {
		judged.Reason = "modules only: the program has no symbol table, so its functions are not known"
		return judged, nil
	}
	passed := !slices.ContainsFunc(judged.Findings, func(f vulnFound) bool { return len(f.Functions) > 0 })
	judged.Passed = &passed
	return judged, nil
}

// hasSymbols is whether govulncheck finds the functions of a program by the symbol that lists them.
func hasSymbols(binary []byte) bool {
	file, err := elf.NewFile(bytes.NewReader(binary))
	if err != nil {
		return false
	}
	symbols, err := file.Symbols()
	return err == nil && slices.ContainsFunc(symbols, func(s elf.Symbol) bool { return s.Name == "go:func.*" })
}

// lookUp runs govulncheck on a program.
func (r *vulnsReport) lookUp(
	ctx context.Context, p *session.Project, binary []byte, level string,
) ([]vulnFound, error) {
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
		return nil, hint.Add(err, "the reason is above; another copy of the database: -db=https://HOST or -db=FOLDER")
	}
	return r.read(&said)
}

// vulnMessage is a message of govulncheck's stream, with the parts that are read.
type vulnMessage struct {
	Config *struct {
		Modified *time.Time `json:"db_last_modified"`
	} `json:"config"`
	Finding *struct {
		OSV     string `json:"osv"`
		FixedIn string `json:"fixed_version"`
		Trace   []struct{ Module, Version, Package, Function, Receiver string }
	} `json:"finding"`
}

// read makes one finding of what govulncheck says of a vulnerability: it has a message for its module, for each of its
// packages and for each of its functions.
func (r *vulnsReport) read(stream io.Reader) ([]vulnFound, error) {
	found, whole := []vulnFound{}, false
	for messages := json.NewDecoder(stream); ; {
		var m vulnMessage
		if err := messages.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("reading what govulncheck says: %w", err)
		}
		if m.Config != nil {
			r.DatabaseModified, whole = m.Config.Modified, true
		}
		if m.Finding == nil || len(m.Finding.Trace) == 0 {
			continue
		}
		frame := m.Finding.Trace[0]
		at := slices.IndexFunc(found, func(f vulnFound) bool { return f.ID == m.Finding.OSV && f.Module == frame.Module })
		if at < 0 {
			at = len(found)
			found = append(found, vulnFound{
				ID: m.Finding.OSV, Module: frame.Module, Version: frame.Version, FixedIn: m.Finding.FixedIn, Functions: []string{},
			})
		}
		if frame.Function != "" {
			name := strings.TrimPrefix(frame.Receiver+"."+frame.Function, ".")
			found[at].Functions = append(found[at].Functions, frame.Package+"."+name)
		}
	}
	if !whole {
		return nil, errors.New("govulncheck says nothing")
	}
	slices.SortFunc(found, func(a, b vulnFound) int { return strings.Compare(a.ID+a.Module, b.ID+b.Module) })
	for _, f := range found {
		slices.Sort(f.Functions)
	}
	return found, nil
}
