package stack

import (
	"path/filepath"
	"strings"

	"envoy-proxy-poc/tasks/session"
)

// inputsOfTerraform are Terraform's variables, the flags, and variables of all programs.
func inputsOfTerraform() map[string]input {
	return map[string]input{
		"`-region`, `-profile`": {"replaces", each(givenFlag)},
		"`TF_WORKSPACE`": {"refuses", each(func(o outset, name string) {
			o.set(name, "staging")
			o.wantRefused(name + ` is "staging"`)
			o.set(name, "default")
			if s := o.begun(); strings.Contains(s.said, name) {
				o.t.Errorf("the default workspace is warned of: %s", s.said)
			}
		})},
		"`TF_VAR_region`, `TF_VAR_profile`": {"refuses", each(func(o outset, name string) {
			o.set(name, "x")
			o.wantRefused(name + ` is "x"`)
			o.set(name, map[string]string{"TF_VAR_region": "us-west-2", "TF_VAR_profile": "avive-cfndev-k8s"}[name])
			o.begun()
			o.set(name, "x")
			session.Local = true
			defer func() { session.Local = false }()
			if err := CheckState(o.reads(session.Where{})); err != nil {
				o.t.Errorf("mage local refuses it: %v", err)
			}
		})},
		"`TF_VAR_environment`": {"refuses", each(func(o outset, name string) {
			o.set(name, "x")
			o.wantRefused(name + ` is "x", and these targets pass ""`)
		})},
		"`TF_VAR_*`": {"drops", each(func(o outset, name string) {
			o.set(name, "x")
			if s := o.begun(); s.env[name] != "" || strings.Contains(s.said, name) {
				o.t.Errorf("a variable of another configuration: Terraform gets %q; %s", s.env[name], s.said)
			}
			o.write(filepath.Join(o.dir, "own.tf"), "variable \"X\" {\n  default = null\n}\n")
			if s := o.begun(); s.env[name] != "" || !strings.Contains(s.said, "not passed on to Terraform: "+name) {
				o.t.Errorf("Terraform gets %q; %s", s.env[name], s.said)
			}
		})},
		"`TF_CLI_ARGS`, `TF_CLI_ARGS_*`": dropped(),
		"`TF_LOG`, `TF_LOG_*`, `TF_REATTACH_PROVIDERS`, `TF_DISABLE_PLUGIN_TLS`, `TF_SKIP_PROVIDER_VERIFY`": dropped(),
		"`TF_INPUT`, `TF_IN_AUTOMATION`, `CHECKPOINT_DISABLE`": {"pins", each(func(o outset, name string) {
			before := o.begun().env[name]
			o.set(name, "mine")
			if s := o.begun(); s.env[name] != before || strings.Contains(s.said, name) {
				o.t.Errorf("Terraform gets %q, want %q as without it; %s", s.env[name], before, s.said)
			}
		})},
		"`TF_APPEND_USER_AGENT`": {"hands on", each(func(o outset, name string) {
			o.set(name, "mine")
			if s := o.begun(); !strings.HasPrefix(s.env[name], "mine ") {
				o.t.Errorf("Terraform gets %q", s.env[name])
			}
		})},
		"`TF_DATA_DIR`": {"hands on", each(func(o outset, name string) {
			o.set(name, "mine")
			if s := o.begun(); s.env[name] != filepath.Join(o.dir, "mine") {
				o.t.Errorf("Terraform gets %q", s.env[name])
			}
		})},
		"`TF_PROVIDER_ATTACH`": {"hands on", each(func(o outset, name string) {
			for value, want := range map[string]bool{"": false, "0": false, "1": true} {
				o.set(name, value)
				if s := o.begun(); s.env[name] != value || (s.stack.options.Attach != "") != want {
					o.t.Errorf("of %q Terraform gets %q, and the folder is %q", value, s.env[name], s.stack.options.Attach)
				}
			}
			o.set(name, "yes")
			o.wantRefused(name + ` is "yes"`)
		})},
		"`TF_CLI_CONFIG_FILE`": {"hands on", each(func(o outset, name string) {
			file := filepath.Join(o.home, "rc")
			o.write(file, "")
			o.set(name, file)
			if s := o.begun(); s.env[name] != file {
				o.t.Errorf("Terraform gets %q", s.env[name])
			}
			o.set(name, file+".none")
			if s := o.begun(); s.env[name] == file+".none" {
				o.t.Error("Terraform gets a file that does not exist")
			}
			o.set(name, file)
			o.unpack(filepath.Join(o.home, "mirror"))
			o.set("TF_PROVIDER_MIRROR", filepath.Join(o.home, "mirror"))
			if s := o.begun(); s.env[name] == file || s.env[name] == "" {
				o.t.Errorf("with a mirror Terraform gets %q", s.env[name])
			}
		})},
		"`TERRAFORM_CONFIG`, `TF_PLUGIN_CACHE_DIR`, `TF_TOKEN_*`, `TF_REGISTRY_*`": handedOn("mine"),
		"`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, `https_proxy`, `http_proxy`, `no_proxy`, `SSL_CERT_FILE`, " +
			"`SSL_CERT_DIR`": handedOn("mine"),
		"other variables, such as `PATH`, `HOME` and `TMPDIR`": {"hands on", each(func(o outset, name string) {
			want := session.Environment()[name]
			if name == "TMPDIR" {
				want = o.t.TempDir()
				o.set(name, want)
			}
			if s := o.begun(); s.env[name] != want {
				o.t.Errorf("Terraform gets %q, want %q", s.env[name], want)
			}
		})},
	}
}

// givenFlag wants a flag to win over the environment and locals.tf.
func givenFlag(o outset, name string) {
	o.set("AWS_REGION", "eu-west-1")
	o.set("AWS_PROFILE", "other")
	value := "eu-north-1"
	where := map[string]session.Where{"-region": {Region: &value}, "-profile": {Profile: &value}}[name]
	opened := o.reads(where)
	if got := map[string]string{"-region": opened.AWS.Region, "-profile": opened.AWS.Profile}[name]; got != value {
		o.t.Errorf("it is %q, want %q", got, value)
	}
}

// reads is the session of a command line, without Terraform.
func (o outset) reads(flags session.Where) *session.Session {
	o.t.Helper()
	opened, err := session.Read(&session.Project{Root: o.root}, flags)
	if err != nil {
		o.t.Fatal(err)
	}
	return opened
}
