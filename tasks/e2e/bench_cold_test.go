package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/modfile"
)

// BenchmarkColdStart is a newcomer's first minute: it compiles the menu with an empty build cache, after the modules
// were downloaded. A dependency's share is the compiler's time for the packages that nothing else needs, those of the
// standard library included. A round takes minutes, so there is one, whatever -benchtime says.
func BenchmarkColdStart(b *testing.B) {
	began := time.Now()
	cmd := exec.Command("go", "tool", "mage", "-compile", filepath.Join(b.TempDir(), "mage"))
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOCACHE="+b.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("compiling the menu: %v\n%s", err, out)
	}
	wall := time.Since(began).Seconds()
	deps := linked(b)
	graph := compileCold(b, deps.of[menuPackage])
	all := deps.only("").sum(graph)
	report(b, "menu", wall, "wall-s", all, "cpu-s")
	for _, module := range direct(b) {
		if alone := deps.only(module); len(alone) > 0 {
			cost := alone.sum(graph)
			report(b, module, cost, "cpu-s", 100*cost/all, "percent")
		}
	}
}

// report prints a line of its own for figures that were measured already.
func report(b *testing.B, name string, first float64, unit string, second float64, unit2 string) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			continue
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(first, unit)
		b.ReportMetric(second, unit2)
	})
}

// compileCold compiles packages into an empty cache and returns the compiler's seconds by package.
func compileCold(b *testing.B, packages []string) map[string]float64 {
	b.Helper()
	cache := b.TempDir()
	file := filepath.Join(cache, "graph.json")
	cmd := exec.Command("go", append([]string{"build", "-debug-actiongraph=" + file}, packages...)...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOCACHE="+filepath.Join(cache, "go"))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("compiling: %v\n%s", err, out)
	}
	var actions []struct {
		Mode, Package   string
		CmdUser, CmdSys int64 // nanoseconds
	}
	if err := json.Unmarshal([]byte(read(b, file)), &actions); err != nil {
		b.Fatal(err)
	}
	seconds := map[string]float64{}
	for _, action := range actions {
		if action.Mode == "build" {
			seconds[action.Package] += time.Duration(action.CmdUser + action.CmdSys).Seconds()
		}
	}
	return seconds
}

// imports are the imports of each package of the menu, and the module of each package.
type imports struct {
	of     map[string][]string
	module map[string]string
}

func linked(b *testing.B) imports {
	b.Helper()
	cmd := exec.Command("go", "list", "-tags=mage", "-deps", "-json=ImportPath,Imports,Module", ".")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	all := imports{of: map[string][]string{}, module: map[string]string{}}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p struct {
			ImportPath string
			Imports    []string
			Module     *struct{ Path string }
		}
		if err := decoder.Decode(&p); err != nil {
			b.Fatal(err)
		}
		all.of[p.ImportPath] = p.Imports
		if p.Module != nil {
			all.module[p.ImportPath] = p.Module.Path
		}
	}
	return all
}

// menuPackage is the one of magefile.go.
const menuPackage = "envoy-proxy-poc"

// packageSet is a set of packages.
type packageSet map[string]bool

// only are the packages that are compiled for a module alone; all packages, for "".
func (i imports) only(module string) packageSet {
	rest, without := packageSet{}, packageSet{}
	i.reach(menuPackage, "no module", rest)
	if module != "" {
		i.reach(menuPackage, module, without)
	}
	for p := range without {
		delete(rest, p)
	}
	return rest
}

func (i imports) reach(p, avoiding string, seen packageSet) {
	if seen[p] || i.module[p] == avoiding {
		return
	}
	if i.of[p] == nil && i.of["vendor/"+p] != nil { // of the standard library
		p = "vendor/" + p
	}
	seen[p] = true
	for _, imported := range i.of[p] {
		i.reach(imported, avoiding, seen)
	}
}

func (p packageSet) sum(seconds map[string]float64) float64 {
	total := 0.0
	for name := range p {
		total += seconds[name]
	}
	return total
}

// direct are the modules that this project imports itself, without Mage.
func direct(b *testing.B) []string {
	b.Helper()
	file, err := modfile.Parse("go.mod", []byte(read(b, root+"/go.mod")), nil)
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	for _, require := range file.Require {
		if !require.Indirect && !strings.HasPrefix(require.Mod.Path, "github.com/magefile/") {
			names = append(names, require.Mod.Path)
		}
	}
	return names
}
