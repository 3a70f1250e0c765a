package terraform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const awsProvider = registry + "/hashicorp/aws"

// hold puts a provider that is only a file into a mirror.
func hold(t *testing.T, mirror, provider, version string) {
	t.Helper()
	dir := filepath.Join(mirror, filepath.FromSlash(provider), version, hostPlatform())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "terraform-provider-"+filepath.Base(provider)+"_v"+version), "not run", 0o700)
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestOpenMirror(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a [strange] name")
	hold(t, dir, awsProvider, "5.100.0")
	hold(t, dir, "example.com/us/dummy", "1.0.0")
	packed := "terraform-provider-packed_1.0.0_" + hostPlatform() + ".zip"
	write(t, filepath.Join(dir, registry, "hashicorp", "packed", packed), "",
		0o600)
	write(t, filepath.Join(dir, registry, "hashicorp", "foreign", "1.0.0", "plan9_mips", "x"), "", 0o600)
	write(t, filepath.Join(dir, "docs", "hashicorp", "aws", "1.0.0", hostPlatform(), "x"), "", 0o600)
	m, err := OpenMirror(dir)
	want := []string{"example.com/us/dummy", awsProvider, registry + "/hashicorp/packed"}
	if err != nil || !slices.Equal(m.Providers, want) {
		t.Errorf("OpenMirror = %v, %v, want %v", m.Providers, err, want)
	}
	for _, wrong := range []string{t.TempDir(), filepath.Join(dir, "nowhere")} {
		if _, err := OpenMirror(wrong); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("OpenMirror(%q) = %v, want an error that names it", wrong, err)
		}
	}
}

func TestChooseProviders(t *testing.T) {
	root := t.TempDir()
	below := filepath.Join(root, "opt", "mirror")
	hold(t, below, awsProvider, "5.100.0")
	// sorts first, holds something else
	hold(t, filepath.Join(root, "opt", "another"), registry+"/hashicorp/null", "1.0.0")
	if err := os.MkdirAll(filepath.Join(root, "opt", "tools", "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	explicit := filepath.Join(root, "explicit")
	hold(t, explicit, awsProvider, "5.100.0")
	rc, home, homeWithRC, homeWithPlugins := filepath.Join(root, "rc"), filepath.Join(root, "home"), filepath.Join(root,
		"home2"), filepath.Join(root, "home3")
	write(t, rc, "", 0o600)
	write(t, filepath.Join(homeWithRC, ".terraformrc"), "", 0o600)
	hold(t, filepath.Join(homeWithPlugins, ".terraform.d", "plugins"), awsProvider, "5.100.0")
	homeWithOthers := filepath.Join(root, "home4")
	others := filepath.Join(homeWithOthers, ".local", "share", "terraform", "plugins")
	hold(t, others, "example.com/us/dummy", "1.0.0")
	roots := []string{filepath.Join(root, "nowhere"), filepath.Join(root, "opt")}
	tests := []struct {
		name    string
		search  ProviderSearch
		mirrors []string
		missing string
		why     string
	}{
		{"a folder of the roots", ProviderSearch{Home: home, Roots: roots}, []string{below}, "", "mirror at " + below},
		{"no mirror", ProviderSearch{Home: home, Roots: roots[:1]}, nil, "", "registry"},
		{
			"a mirror of something else",
			ProviderSearch{Home: home, Roots: roots, Provider: registry + "/hashicorp/google"},
			nil, "", "registry",
		},
		{
			"explicit",
			ProviderSearch{
				Home: homeWithRC, Roots: roots,
				Env: map[string]string{
					"TF_PROVIDER_MIRROR": explicit,
					"TF_CLI_CONFIG_FILE": rc,
				},
			},
			[]string{explicit},
			"", explicit,
		},
		{
			"the user's file",
			ProviderSearch{Home: home, Roots: roots, Env: map[string]string{"TF_CLI_CONFIG_FILE": rc}},
			nil,
			"", rc,
		},
		{
			"the user's file that is not there",
			ProviderSearch{
				Home: home, Roots: roots,
				Env: map[string]string{"TF_CLI_CONFIG_FILE": rc + "x"},
			},
			[]string{below},
			rc + "x", below,
		},
		{"the user's file at home", ProviderSearch{Home: homeWithRC, Roots: roots}, nil, "", ".terraformrc"},
		{"terraform's own folder", ProviderSearch{Home: homeWithPlugins, Roots: roots}, nil, "", "terraform itself"},
		{
			"terraform's own folder with something else",
			ProviderSearch{Home: homeWithOthers, Roots: roots},
			[]string{below, others},
			"", below,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.search.Dir = home
			p, err := ChooseProviders(test.search)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range p.Mirrors {
				got = append(got, m.Dir)
			}
			if !slices.Equal(got, test.mirrors) || p.Missing != test.missing || !strings.Contains(p.Why, test.why) {
				t.Errorf("ChooseProviders = %q, missing %q, why %q; want %q, %q, %q", got, p.Missing, p.Why, test.mirrors,
					test.missing, test.why)
			}
		})
	}
	wrong := filepath.Join(root, "opt", "tools")
	if _, err := ChooseProviders(ProviderSearch{
		Env:   map[string]string{"TF_PROVIDER_MIRROR": wrong},
		Roots: roots,
	}); err == nil ||
		!strings.Contains(err.Error(), "TF_PROVIDER_MIRROR") || !strings.Contains(err.Error(), wrong) {
		t.Errorf("ChooseProviders = %v, want an error that names TF_PROVIDER_MIRROR and %q", err, wrong)
	}
}

func TestConfigureWritesNothingWithoutNeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tf.rc")
	got, err := Providers{}.Configure(path)
	if _, statErr := os.Stat(path); err != nil || got != "" || !os.IsNotExist(statErr) {
		t.Errorf("Configure = %q, %v, file: %v; want none", got, err, statErr)
	}
}

func TestCLIConfig(t *testing.T) {
	got := string(cliConfig([]Mirror{
		{Dir: "/b", Providers: []string{awsProvider}},
		{Dir: "/a", Providers: []string{"example.com/us/dummy", awsProvider}},
	}))
	want := `# Written by the tasks: where terraform finds its providers.
provider_installation {
  filesystem_mirror {
    path    = "/b"
    include = ["registry.terraform.io/hashicorp/aws"]
  }
  filesystem_mirror {
    path    = "/a"
    include = ["example.com/us/dummy", "registry.terraform.io/hashicorp/aws"]
  }
  direct {
    exclude = ["example.com/us/dummy", "registry.terraform.io/hashicorp/aws"]
  }
}
`
	if got != want {
		t.Errorf("cliConfig = %s\nwant %s", got, want)
	}
}
