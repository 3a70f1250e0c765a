//go:build unix

package terraform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeProvider notes its environment and its folder for the socket, says where it listens, and runs until it is ended.
const fakeProvider = `#!/bin/sh
env >"$FAKE_TERRAFORM/provider"
echo $$ >"$FAKE_TERRAFORM/pid"
ls -ld "$PLUGIN_UNIX_SOCKET_DIR" >"$FAKE_TERRAFORM/folder"
trap '' INT
echo "1|5|unix|$PLUGIN_UNIX_SOCKET_DIR/socket|grpc|"
exec sleep 60
`

// attaching is a fake terraform with a provider in its data folder, and the reasons why it was not attached to.
func attaching(t *testing.T, mode, program string) (*Terraform, notes, *[]string) {
	t.Helper()
	var why []string
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": t.TempDir(), "AWS_ENDPOINT_URL": "http://here", "TF_APPEND_USER_AGENT": "me",
		"GITHUB_TOKEN": "g",
	}
	tf, seen := fake(t, mode, Options{
		Attach: t.TempDir(), Unattached: func(err error) { why = append(why, err.Error()) }, Env: env,
		Keys: func(context.Context) (map[string]string, error) {
			return map[string]string{"AWS_ACCESS_KEY_ID": "k"}, nil
		},
	})
	write(t, filepath.Join(tf.providerDir(awsProvider, "1.0.0"), "terraform-provider-aws_v1.0.0_x5"), program, 0o700)
	write(t, tf.lockFile(), fmt.Sprintf("provider %q {\n  version = \"1.0.0\"\n}\n", awsProvider), 0o600)
	write(t, filepath.Join(tf.options.Dir, "main.tf"), "provider \"aws\" {\n}\n", 0o600)
	must(t, tf.stamp())
	return tf, seen, &why
}

func (n notes) variable(file, name string) string {
	for _, line := range n.lines(file) {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

// Commands that use the provider attach to it, and it ends with the command. Others start as always.
func TestAttach(t *testing.T) {
	for name, run := range map[string]func(*Terraform) error{
		"plan":   func(tf *Terraform) error { _, err := tf.PlanJSON(t.Context(), nil); return err },
		"show":   func(tf *Terraform) error { return tf.Text(t.Context(), "x.tfplan") },
		"apply":  func(tf *Terraform) error { return tf.Apply(t.Context(), "x.tfplan") },
		"import": func(tf *Terraform) error { return tf.Import(t.Context(), "a.b", "id") },
		"init":   func(tf *Terraform) error { return tf.Init(t.Context()) },
	} {
		tf, seen, why := attaching(t, "quick", fakeProvider)
		must(t, run(tf))
		attached := seen.variable("env", "TF_REATTACH_PROVIDERS")
		if name == "init" {
			if attached != "" || seen.lines("pid") != nil {
				t.Errorf("init attaches: %s", attached)
			}
			continue
		}
		if len(*why) > 0 || len(seen.lines("pid")) != 1 {
			t.Fatalf("%s does not attach: %q", name, *why)
		}
		pid, folder := seen.lines("pid")[0], seen.variable("provider", "PLUGIN_UNIX_SOCKET_DIR")
		want := fmt.Sprintf(`{"%s":{"Protocol":"grpc","ProtocolVersion":5,"Pid":%s,"Test":true,"Addr":{"Network":"unix",`+
			`"String":"%s/front"}}}`, awsProvider, pid, folder)
		if attached != want {
			t.Errorf("%s attaches to %s, want %s", name, attached, want)
		}
		if _, err := os.Stat(folder); !os.IsNotExist(err) || !strings.HasPrefix(seen.lines("folder")[0], "drwx------") {
			t.Errorf("the folder of the socket: %v after the command, %s before", err, seen.lines("folder"))
		}
		if !gone(pid) {
			t.Errorf("the provider outlives %s", name)
		}
		for _, variable := range []string{"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_CONFIG_FILE", "GITHUB_TOKEN", "HOME"} {
			if got, want := seen.variable("provider", variable), seen.variable("env", variable); got != want {
				t.Errorf("the provider has %s=%s, terraform %q", variable, got, want)
			}
		}
	}
}

func gone(pid string) bool {
	var number int
	_, err := fmt.Sscan(pid, &number)
	process, _ := os.FindProcess(number)
	return err == nil && errors.Is(process.Signal(os.Interrupt), os.ErrProcessDone)
}

// What prevents an attachment is said, and terraform starts its provider itself. Of a folder that was touched since the
// init it says all by itself.
func TestUnattached(t *testing.T) {
	for words, spoil := range map[string]func(*Terraform){
		"": func(tf *Terraform) {
			write(t, filepath.Join(tf.providerDir(awsProvider, "1.0.0"), "more"), "x", 0o600)
		},
		"more than one provider": func(tf *Terraform) { appendTo(t, tf.lockFile(), "provider \"x/y/z\" {\n}\n") },
		"of an unknown form":     func(tf *Terraform) { write(t, tf.lockFile(), "provider \"x/y/z\" {\n}\n", 0o600) },
		"several provider blocks": func(tf *Terraform) {
			appendTo(t, filepath.Join(tf.options.Dir, "main.tf"), "provider \"aws\" {\n  alias = \"b\"\n}\n")
		},
		"JSON files": func(tf *Terraform) { write(t, filepath.Join(tf.options.Dir, "more.tf.json"), "{}", 0o600) },
		"has modules": func(tf *Terraform) {
			appendTo(t, filepath.Join(tf.options.Dir, "main.tf"), "module \"m\" {\n}\n")
		},
		"dev_overrides": func(tf *Terraform) {
			write(t, filepath.Join(tf.env["HOME"], ".terraformrc"), "provider_installation { dev_overrides {} }", 0o600)
		},
		"AWS_CA_BUNDLE": func(tf *Terraform) { tf.env["AWS_CA_BUNDLE"], tf.options.Destroys = "x", true },
	} {
		tf, seen, why := attaching(t, "quick", fakeProvider)
		spoil(tf)
		must(t, tf.Apply(t.Context(), "x.tfplan"))
		if got := strings.Join(*why, ""); (got == "") != (words == "") || !strings.Contains(got, words) {
			t.Errorf("it says %q, want %q", got, words)
		}
		if got := seen.variable("env", "TF_REATTACH_PROVIDERS"); got != "" || seen.lines("pid") != nil {
			t.Errorf("%q: terraform attaches to %q", words, got)
		}
	}
	for program, words := range map[string]string{
		"#!/bin/sh\necho no >&2\n":                                     "ended at once",
		"#!/bin/sh\necho '1|5|tcp|127.0.0.1:1|grpc|'\nexec sleep 60\n": "begins with",
		"not a program": "exec format error",
	} {
		tf, seen, why := attaching(t, "quick", program)
		must(t, tf.Apply(t.Context(), "x.tfplan"))
		if got := strings.Join(*why, ""); !strings.Contains(got, words) || seen.variable("env", "TF_REATTACH_PROVIDERS") != "" {
			t.Errorf("of %q it says %q, want %q", program, got, words)
		}
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	before, err := os.ReadFile(path)
	must(t, err)
	write(t, path, string(before)+text, 0o600)
}

// An init counts until a file of the provider is touched, also behind the link that Terraform makes to a mirror.
func TestTouchedProvider(t *testing.T) {
	for _, linked := range []bool{false, true} {
		tf, _, _ := attaching(t, "quick", fakeProvider)
		dir := tf.providerDir(awsProvider, "1.0.0")
		if linked {
			mirror := filepath.Join(t.TempDir(), "mirror")
			must(t, os.Rename(dir, mirror))
			must(t, os.Symlink(mirror, dir))
			must(t, tf.stamp())
		}
		if !tf.prepared() {
			t.Fatal("the init does not count")
		}
		other := New(tf.options)
		if other.options.Attach = t.TempDir(); other.prepared() {
			t.Error("the init counts for a user who has not seen it")
		}
		must(t, os.Chmod(filepath.Join(dir, "terraform-provider-aws_v1.0.0_x5"), 0o750)) // a new ctime, whatever the mtime
		if tf.prepared() {
			t.Errorf("the init counts for a touched provider, linked: %t", linked)
		}
	}
}
