package terraform

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rc")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	own := map[string]string{
		"MAGE_TASK": "1", "CHECKPOINT_DISABLE": "1", "TF_DATA_DIR": "/c/.terraform", "GOGC": relaxed,
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	}
	tests := []struct {
		name    string
		options Options
		want    map[string]string // besides own
		ignored []string
	}{
		{"nothing", Options{}, nil, nil},
		{
			"the user's variables",
			Options{Env: map[string]string{
				"PATH": "/bin", "TF_CLI_ARGS": "-x", "TF_CLI_ARGS_plan": "-y", "TF_VAR_region": "r",
				"TF_WORKSPACE": "w", "TF_LOG": "TRACE", "TF_LOG_SDK": "x", "TF_IN_AUTOMATION": "1",
			}},
			map[string]string{"PATH": "/bin"},
			[]string{"TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_LOG", "TF_LOG_SDK", "TF_VAR_region"},
		},
		{"a user who has little memory", Options{Env: map[string]string{"GOGC": "50"}}, map[string]string{"GOGC": "50"}, nil},
		{
			"no profile, no file and no role of the machine",
			Options{Env: map[string]string{
				"AWS_PROFILE": "q", "AWS_DEFAULT_PROFILE": "q", "AWS_CONFIG_FILE": "c", "AWS_SHARED_CREDENTIALS_FILE": "c",
				"AWS_EC2_METADATA_DISABLED": "false",
			}},
			nil,
			nil,
		},
		{
			"secrets that are not for Terraform",
			Options{Env: map[string]string{
				"GITHUB_TOKEN": "g", "DB_PASSWORD": "p", "ACTIONS_ID_TOKEN_REQUEST_URL": "u", "NPM_TOKEN": "n",
				"TF_TOKEN_example_com": "t", "AWS_SESSION_TOKEN": "s", "HTTPS_PROXY": "http://u:password@proxy",
			}},
			map[string]string{
				"TF_TOKEN_example_com": "t", "AWS_SESSION_TOKEN": "s", "HTTPS_PROXY": "http://u:password@proxy",
			},
			nil,
		},
		{
			"regions come by variable",
			Options{Env: map[string]string{
				"AWS_REGION": "r", "AWS_DEFAULT_REGION": "r", "AWS_ENDPOINT_URL_STS": "http://x",
			}},
			map[string]string{"AWS_ENDPOINT_URL_STS": "http://x"},
			nil,
		},
		{
			"an endpoint of the backend alone",
			Options{Env: map[string]string{"AWS_S3_ENDPOINT": "http://x"}},
			nil,
			[]string{"AWS_S3_ENDPOINT"},
		},
		{
			"a CLI configuration that is not there",
			Options{Env: map[string]string{"TF_CLI_CONFIG_FILE": "/nowhere/rc"}},
			nil,
			nil,
		},
		{
			"one that is",
			Options{Env: map[string]string{"TF_CLI_CONFIG_FILE": file}},
			map[string]string{"TF_CLI_CONFIG_FILE": file},
			nil,
		},
		{
			"ours beats it",
			Options{CLIConfig: "/ours", Env: map[string]string{"TF_CLI_CONFIG_FILE": file}},
			map[string]string{"TF_CLI_CONFIG_FILE": "/ours"},
			nil,
		},
		{
			"a data folder of the user",
			Options{Env: map[string]string{"TF_DATA_DIR": "d"}},
			map[string]string{"TF_DATA_DIR": "/c/d"},
			nil,
		},
		{
			"ours beats it, too",
			Options{DataDir: "/e", Env: map[string]string{"TF_DATA_DIR": "d"}},
			map[string]string{"TF_DATA_DIR": "/e"},
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			given := maps.Clone(test.options.Env)
			test.options.Dir = "/c"
			got, ignored := environment(test.options)
			want := maps.Clone(own)
			maps.Copy(want, test.want)
			if !maps.Equal(got, want) {
				t.Errorf("environment = %v, want %v", got, want)
			}
			if !slices.Equal(ignored, test.ignored) {
				t.Errorf("ignored = %v, want %v", ignored, test.ignored)
			}
			if !maps.Equal(given, test.options.Env) {
				t.Errorf("the caller's map became %v", test.options.Env)
			}
		})
	}
}

func TestWorkspace(t *testing.T) {
	for text, want := range map[string]string{
		"": "default", "default": "default", "default\n": "default", "\n": "default", "staging\n": "staging",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "environment"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, file := Workspace(dir); got != want || file != filepath.Join(dir, "environment") {
			t.Errorf("Workspace of %q = %q in %s, want %q", text, got, file, want)
		}
	}
	if got, _ := Workspace(t.TempDir()); got != "default" {
		t.Errorf("Workspace of a new folder = %q, want the default", got)
	}
}
