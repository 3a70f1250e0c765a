package ecr

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// goodHelper keeps a credential in a file, as the protocol of docker-credential-helpers has it.
const goodHelper = `case "$1" in
store) cat >"$0.kept" ;;
get) cat >/dev/null; cat "$0.kept" ;;
*) exit 1 ;;
esac`

// install puts a credential helper on the PATH, and a config.json that names it, and returns their folders.
func install(t *testing.T, name, script, config string) (dir, bin string) {
	t.Helper()
	dir, bin = tempDir(t), tempDir(t)
	if script != "" {
		write(t, filepath.Join(bin, "docker-credential-"+name), "#!/bin/sh\n"+script+"\n", 0o755)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	write(t, filepath.Join(dir, "config.json"), config, 0o600)
	return dir, bin
}

func TestStoreInAHelper(t *testing.T) {
	plain := `"auths":{"` + host + `":{"auth":"QVdTOm9sZA=="}}`
	configs := map[string]string{
		"for all":           `{"credsStore":"good"}`,
		"for this registry": `{"credsStore":"absent","credHelpers":{"` + host + `":"good"}}`,
		"after a plain one": `{"credsStore":"good",` + plain + `}`,
	}
	for name, config := range configs {
		t.Run(name, func(t *testing.T) {
			dir, bin := install(t, "good", goodHelper, config)
			stored, err := Store(t.Context(), dir, credential, StoreOptions{})
			if err != nil || stored.Helper != "good" || stored.Unnecessary {
				t.Fatalf("got %+v, %v, want it in the helper", stored, err)
			}
			kept := read(t, filepath.Join(bin, "docker-credential-good.kept"))
			if want := `{"ServerURL":"` + host + `","Username":"AWS","Secret":"hunter2"}`; strings.TrimSpace(kept) != want {
				t.Errorf("the helper got %s, want %s", kept, want)
			}
			text := read(t, filepath.Join(dir, "config.json"))
			if !strings.Contains(text, `"`+host+`": {}`) || strings.Contains(text, `"auth":`) {
				t.Errorf("the file is %s, want an entry without secrets", text)
			}
		})
	}
}

func TestStoreWhereTheRegistryHasNoHelper(t *testing.T) {
	dir, _ := install(t, "", "", `{"credsStore":"absent","credHelpers":{"`+host+`":""}}`)
	stored, err := Store(t.Context(), dir, credential, StoreOptions{})
	if err != nil || stored.Helper != "" || !strings.Contains(read(t, stored.File), `"auth":`) {
		t.Errorf("got %+v, %v, want it in the file", stored, err)
	}
}

func TestStoreWithABadHelper(t *testing.T) {
	tests := map[string]struct{ name, script, says string }{
		"missing":            {"absent", "", "executable file not found"},
		"refuses on stdout":  {"sour", `echo "the stub received bad data"; exit 1`, "the stub received bad data"},
		"refuses on stderr":  {"sour", `echo "no keyring" >&2; exit 1`, "no keyring"},
		"repeats the secret": {"sour", `cat; exit 1`, "(hidden)"},
		"keeps another": {
			"liar", `cat >/dev/null; test "$1" = store || echo '{"Username":"AWS","Secret":"old"}'`,
			"another one",
		},
		"keeps nothing":         {"liar", `cat >/dev/null; test "$1" = store`, "exit status 1"},
		"answers rubbish":       {"liar", `cat >/dev/null; echo rubbish`, "invalid character"},
		"wincred and long ones": {"wincred", `exit 1`, "exit status 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			config := `{"credsStore":"` + test.name + `"}`
			dir, _ := install(t, test.name, test.script, config)
			_, err := Store(t.Context(), dir, credential, StoreOptions{})
			if err == nil {
				t.Fatal("no error")
			}
			text := err.Error()
			for _, word := range []string{"docker-credential-" + test.name, filepath.Join(dir, "config.json"), test.says} {
				if !strings.Contains(text, word) {
					t.Errorf("err = %s, want it to name %s", text, word)
				}
			}
			if strings.Contains(text, "hunter2") {
				t.Errorf("err = %s shows the password", text)
			}
			if got := read(t, filepath.Join(dir, "config.json")); got != config {
				t.Errorf("the file is now %s", got)
			}
		})
	}
}

// The one fault of Windows' store that a user can do something about is explained.
// A helper may need keys of AWS, but nothing of the workflow's step.
func TestAHelperGetsNothingOfTheStep(t *testing.T) {
	dir, bin := install(t, "curious", `env >"$0.env"; exit 1`, `{"credsStore":"curious"}`)
	t.Setenv("ACTIONS_RUNTIME_TOKEN", "secret")
	t.Setenv("AWS_PROFILE", "team")
	if _, err := Store(t.Context(), dir, credential, StoreOptions{}); err == nil {
		t.Fatal("it stores")
	}
	env := read(t, filepath.Join(bin, "docker-credential-curious.env"))
	if strings.Contains(env, "ACTIONS_RUNTIME_TOKEN") || !strings.Contains(env, "AWS_PROFILE=team") {
		t.Errorf("it gets %s", env)
	}
}

func TestStoreExplainsTheLimitOfWindows(t *testing.T) {
	dir, _ := install(t, "wincred", "exit 1", `{"credsStore":"wincred"}`)
	long := credential
	long.Password = strings.Repeat("x", wincredLimit+1)
	_, err := Store(t.Context(), dir, long, StoreOptions{})
	if err == nil || !strings.Contains(err.Error(), "2560") || !strings.Contains(err.Error(), "DOCKER_CONFIG") {
		t.Errorf("err = %v, want the limit and the way around it", err)
	}
}

func TestStoreIsUnnecessaryWithECRLogin(t *testing.T) {
	local := credential
	local.Host = "127.0.0.1:4566"
	tests := map[string]struct {
		credential Credential
		config     string
		installed  bool
		says       string // in the error; empty for none
	}{
		"for this registry": {credential, `{"credHelpers":{"` + host + `":"ecr-login"}}`, true, ""},
		"for all":           {credential, `{"credsStore":"ecr-login"}`, true, ""},
		"not installed":     {credential, `{"credsStore":"ecr-login"}`, false, "docker-credential-ecr-login"},
		"not Amazon's":      {local, `{"credsStore":"ecr-login"}`, true, "127.0.0.1:4566"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			script := ""
			if test.installed {
				script = `echo "not implemented"; exit 1`
			}
			dir, bin := install(t, "ecr-login", script, test.config)
			t.Setenv("PATH", bin)
			stored, err := Store(t.Context(), dir, test.credential, StoreOptions{})
			if test.says == "" {
				if err != nil || !stored.Unnecessary || stored.Helper != "ecr-login" {
					t.Errorf("got %+v, %v, want it unnecessary", stored, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("err = %v, want it to name %s", err, test.says)
			}
			if got := read(t, filepath.Join(dir, "config.json")); got != test.config {
				t.Errorf("the file is now %s", got)
			}
		})
	}
}

func TestECRHost(t *testing.T) {
	for name, want := range map[string]bool{
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com":       true,
		"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com": true,
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn":      true,
		"123456789012.dkr-ecr.eu-west-1.on.aws":                 true,
		"123456789012.dkr-ecr-fips.us-east-1.on.aws":            true,
		"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu":      true,
		"127.0.0.1:4566": false, "public.ecr.aws": false, "12.dkr.ecr.x.amazonaws.com": false,
	} {
		if got := ecrHost.MatchString(name); got != want {
			t.Errorf("ecrHost(%q) = %v, want %v", name, got, want)
		}
	}
}

// A helper that waits for somebody to type is ended with the context.
func TestStoreEndsAHelperWithTheContext(t *testing.T) {
	dir, bin := install(t, "slow", `touch "$0.started"; exec sleep 600`, `{"credsStore":"slow"}`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if exec.CommandContext(ctx, "test", "-e", filepath.Join(bin, "docker-credential-slow.started")).Run() == nil {
				cancel()
			}
		}
	}()
	if _, err := Store(ctx, dir, credential, StoreOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

// A helper that waits for a passphrase is named, and given up where nobody can type it.
func TestStoreGivesAHelperUp(t *testing.T) {
	dir, _ := install(t, "stuck", `exec sleep 600`, `{"credsStore":"stuck"}`)
	said := make(chan string, 1)
	_, err := Store(t.Context(), dir, credential, StoreOptions{
		Waiting: func(program string) { said <- program }, Patience: helperQuiet + time.Second,
	})
	if err == nil || !strings.Contains(err.Error(), "no answer in 4s\nhint: ") {
		t.Errorf("err = %v, want one with a hint", err)
	}
	if name := <-said; name != "docker-credential-stuck" {
		t.Errorf("waited for %q", name)
	}
}
