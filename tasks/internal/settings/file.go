package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"envoy-proxy-poc/tasks/internal/hint"
)

// file is one parsed file and what is wrong with it.
type file struct {
	path   string
	body   *hclsyntax.Body // empty, never nil, where the file cannot be read or parsed
	broken bool            // it cannot be read or parsed, so what is missing in it is no fault of its own
	faults []fault
}

type fault struct {
	path string
	line int // 0: the file as a whole
	err  error
}

func (f fault) Error() string {
	if f.line == 0 {
		return f.err.Error()
	}
	return fmt.Sprintf("%s:%d: %v", f.path, f.line, f.err)
}

func (f fault) Unwrap() error { return f.err }

func newFile(path string) *file {
	f := &file{path: path, body: &hclsyntax.Body{}}
	src, err := os.ReadFile(path)
	if err != nil {
		f.broken = true
		err = fmt.Errorf("reading settings: %w", err)
		if errors.Is(err, fs.ErrNotExist) {
			err = hint.Add(err, "bring it back: git checkout HEAD -- %s", hint.Quote(path))
		}
		f.faults = append(f.faults, fault{path: path, err: err})
		return f
	}
	parsed, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		f.diagnose(diags[:1]) // what the parser says after it has lost its place is noise
		f.broken = true
		return f
	}
	f.body = parsed.Body.(*hclsyntax.Body) //nolint:forcetypeassert // documented: ParseConfig's body is always this type
	return f
}

func (f *file) blocks(typ string) []*hclsyntax.Block {
	var found []*hclsyntax.Block
	for _, block := range f.body.Blocks {
		if block.Type == typ {
			found = append(found, block)
		}
	}
	return found
}

func (f *file) fault(at hcl.Range, format string, args ...any) {
	f.faults = append(f.faults, fault{path: f.path, line: at.Start.Line, err: fmt.Errorf(format, args...)})
}

// diagnose takes over what HCL itself has to say, in one line and in this project's voice.
func (f *file) diagnose(diags hcl.Diagnostics) {
	for _, diag := range diags {
		if diag.Severity != hcl.DiagError {
			continue
		}
		at := hcl.Range{Start: hcl.InitialPos}
		if diag.Subject != nil {
			at = *diag.Subject
		}
		if called, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](diag); ok {
			f.fault(at, "%s", unknownFunction(called.CalledFunctionName()))
			continue
		}
		detail := strings.TrimSuffix(strings.Join(strings.Fields(diag.Detail), " "), ".")
		f.fault(at, "%s: %s", strings.ToLower(diag.Summary[:1])+diag.Summary[1:], detail)
	}
}

// err joins the faults in the order of their lines; one that is said twice is said once.
func (f *file) err() error {
	slices.SortStableFunc(f.faults, func(a, b fault) int { return cmp.Compare(a.line, b.line) })
	var joined []error
	for i, flt := range f.faults {
		same := func(other fault) bool { return other.Error() == flt.Error() }
		if !slices.ContainsFunc(f.faults[:i], same) { // each environment is read, and finds it
			joined = append(joined, flt)
		}
	}
	return errors.Join(joined...)
}
