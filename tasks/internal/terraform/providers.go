package terraform

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"envoy-proxy-poc/tasks/internal/files"
)

// ProviderSearch says where providers may come from besides the registry.
type ProviderSearch struct {
	Provider string            // the one to find. The default is registry.terraform.io/hashicorp/aws.
	Env      map[string]string // the caller's
	Home     string            // the user's home folder, empty if there is none
	Dir      string            // the folder of the configuration
	Roots    []string          // folders that may hold mirrors, such as /opt
}

// Providers is the decision where terraform gets its providers from.
type Providers struct {
	Mirrors []Mirror // what [Providers.Configure] writes down. None: terraform needs no help.
	Why     string   // what was decided and by what, in a few words
	Missing string   // a TF_CLI_CONFIG_FILE that names no file: it is ignored
}

// ChooseProviders decides, and changes nothing. First wins: TF_PROVIDER_MIRROR, which has to be a mirror; a CLI
// configuration of the user's own; one of the folders terraform looks into by itself, if it holds the provider; a
// mirror below one of the roots that holds it.
func ChooseProviders(s ProviderSearch) (Providers, error) {
	s.Provider = cmp.Or(s.Provider, registry+"/hashicorp/aws")
	var p Providers
	named := cmp.Or(s.Env["TF_CLI_CONFIG_FILE"], s.Env["TERRAFORM_CONFIG"])
	if named != "" && !isFile(named) {
		p.Missing = named
	}
	if dir := s.Env["TF_PROVIDER_MIRROR"]; dir != "" {
		m, err := OpenMirror(dir)
		if err != nil {
			return p, fmt.Errorf("reading TF_PROVIDER_MIRROR: %w", err)
		}
		p.Mirrors, p.Why = withImplied(m, s.implied()), "TF_PROVIDER_MIRROR is "+dir
		return p, nil
	}
	for _, own := range []string{named, s.homeConfig()} {
		if isFile(own) {
			p.Why = "the CLI configuration " + own + " decides"
			return p, nil
		}
	}
	p.Mirrors, p.Why = s.discovered()
	return p, nil
}

func (s ProviderSearch) discovered() (mirrors []Mirror, why string) {
	implied := s.implied()
	for _, m := range implied {
		if m.Holds(s.Provider) {
			return nil, "terraform itself looks into " + m.Dir
		}
	}
	for _, root := range s.Roots {
		for _, m := range MirrorsBelow(root) {
			if m.Holds(s.Provider) {
				return withImplied(m, implied), "there is a mirror at " + m.Dir
			}
		}
	}
	return nil, "no mirror: from the registry"
}

// withImplied adds terraform's own folders to a mirror: a configuration switches them off.
func withImplied(m Mirror, implied []Mirror) []Mirror {
	return append([]Mirror{m}, slices.DeleteFunc(implied, func(i Mirror) bool { return i.Dir == m.Dir })...)
}

func (s ProviderSearch) homeConfig() string {
	switch {
	case runtime.GOOS == "windows" && s.Env["APPDATA"] != "":
		return filepath.Join(s.Env["APPDATA"], "terraform.rc")
	case s.Home != "":
		return filepath.Join(s.Home, ".terraformrc")
	}
	return ""
}

// https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories lists implied ones.
func (s ProviderSearch) implied() []Mirror {
	dirs := []string{filepath.Join(s.Dir, "terraform.d", "plugins")}
	if s.Home != "" {
		dirs = append(dirs, filepath.Join(s.Home, ".terraform.d", "plugins"))
	}
	switch runtime.GOOS {
	case "windows":
		for _, name := range []string{"terraform.d", filepath.Join("HashiCorp", "Terraform")} {
			dirs = append(dirs, filepath.Join(s.Env["APPDATA"], name, "plugins"))
		}
	case "darwin":
		for _, library := range []string{filepath.Join(s.Home, "Library"), "/Library"} {
			dirs = append(dirs, filepath.Join(library, "Application Support", "io.terraform", "plugins"))
		}
	default:
		data := cmp.Or(s.Env["XDG_DATA_HOME"], filepath.Join(s.Home, ".local", "share"))
		shared := cmp.Or(s.Env["XDG_DATA_DIRS"], "/usr/local/share:/usr/share")
		for _, base := range append([]string{data}, filepath.SplitList(shared)...) {
			dirs = append(dirs, filepath.Join(base, "terraform", "plugins"))
		}
	}
	var mirrors []Mirror
	for _, dir := range dirs {
		if m, err := OpenMirror(dir); err == nil {
			mirrors = append(mirrors, m)
		}
	}
	return mirrors
}

// Configure writes what was decided as a CLI configuration at path, an absolute one, and returns what belongs in [Options.CLIConfig].
func (p Providers) Configure(path string) (string, error) {
	if len(p.Mirrors) == 0 {
		return "", nil
	}
	if err := files.Replace(path, cliConfig(p.Mirrors)); err != nil {
		return "", fmt.Errorf("writing CLI configuration %q: %w", path, err)
	}
	return path, nil
}

// cliConfig takes from the mirrors what they hold, and everything else from the registry.
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
