package terraform

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"envoy-proxy-poc/tasks/internal/files"
)

// Configure writes what was decided as a CLI configuration at path and returns what belongs in [Options.CLIConfig]:
// the absolute path, or "" if terraform needs no help.
func (p Providers) Configure(path string) (string, error) {
	if len(p.Mirrors) == 0 {
		return "", nil
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("writing CLI configuration: %w", err)
	}
	if err := files.Replace(path, cliConfig(p.Mirrors)); err != nil {
		return "", fmt.Errorf("writing CLI configuration %q: %w", path, err)
	}
	return path, nil
}

// cliConfig takes from the mirrors what they hold, and everything else from the registry, as terraform does with its
// own folders.
func cliConfig(mirrors []Mirror) []byte {
	var b bytes.Buffer
	var all []string
	b.WriteString("# Written by the tasks: where terraform finds its providers.\nprovider_installation {\n")
	for _, m := range mirrors {
		fmt.Fprintf(&b, "  filesystem_mirror {\n    path    = %s\n    include = %s\n  }\n",
			strconv.Quote(filepath.ToSlash(m.Dir)), quotedList(m.Providers))
		all = append(all, m.Providers...)
	}
	slices.Sort(all)
	fmt.Fprintf(&b, "  direct {\n    exclude = %s\n  }\n}\n", quotedList(slices.Compact(all)))
	return b.Bytes()
}

func quotedList(names []string) string {
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, strconv.Quote(name))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
