package ecr

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"
	"github.com/docker/docker-credential-helpers/client"
	"github.com/docker/docker-credential-helpers/credentials"

	"envoy-proxy-poc/tasks/internal/child"
	"envoy-proxy-poc/tasks/internal/hint"
)

const (
	helperPrefix = "docker-credential-"
	ecrLogin     = "ecr-login"
	helperQuiet  = 3 * time.Second // how long a helper may work before that is said
	helperWait   = 2 * time.Second // for the output of a helper that was told to stop

	// wincredLimit is the most bytes of a Windows credential (CRED_MAX_CREDENTIAL_BLOB_SIZE). ECR's tokens have more.
	wincredLimit = 5 * 512
)

// ecrHost is what ecr-login takes for a registry: classic, FIPS and dual-stack names of every partition.
var ecrHost = regexp.MustCompile(`^\d{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.`)

func (s Stored) fault(err error) error {
	return fmt.Errorf("using the credential helper %q, which %q names: %w", helperPrefix+s.Helper, s.File, err)
}

// storeInHelper gives the credential to the helper, reads it back, and leaves an entry without secrets in the file, as
// Docker does: it replaces a password that an earlier login left there.
func storeInHelper(ctx context.Context, config *configfile.ConfigFile, s Stored, c Credential, o StoreOptions) error {
	if err := findHelper(s); err != nil {
		return err
	}
	helper := &helperProgram{name: helperPrefix + s.Helper}
	if o.Waiting != nil {
		defer time.AfterFunc(helperQuiet, func() { o.Waiting(helper.name) }).Stop()
	}
	if o.Patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.Patience, hint.Add(fmt.Errorf("no answer in %s", o.Patience),
			"it may wait for a passphrase or a desktop: unlock it on a terminal, or take it out of %s", s.File))
		defer cancel()
	}
	if err := client.Store(helper.under(ctx),
		&credentials.Credentials{ServerURL: c.Host, Username: c.Username, Secret: c.Password}); err != nil {
		return storeRefused(s, c, helper.fault(ctx, err, c.Password))
	}
	kept, err := client.Get(helper.under(ctx), c.Host)
	if err != nil {
		return s.fault(fmt.Errorf("reading the credential back: %w", helper.fault(ctx, err, c.Password)))
	}
	if kept.Secret != c.Password {
		return s.fault(errors.New("reading the credential back: it gives another one"))
	}
	entry := types.AuthConfig{ServerAddress: c.Host}
	if old, ok := config.GetAuthConfigs()[c.Host]; ok && old == entry {
		return nil
	}
	config.GetAuthConfigs()[c.Host] = entry
	return saveConfig(config)
}

// findHelper looks the helper up: the library's error for a missing one does not say which file asks for it.
func findHelper(s Stored) error {
	if _, err := exec.LookPath(helperPrefix + s.Helper); err != nil {
		return hint.Add(s.fault(err),
			"install %s, or take it out of credsStore and credHelpers in %s", helperPrefix+s.Helper, s.File)
	}
	return nil
}

func checkECRLogin(s Stored, host string) error {
	if !ecrHost.MatchString(host) {
		return hint.Add(s.fault(fmt.Errorf("it serves Amazon's own registries only, not %q", host)),
			"give this registry no helper: \"credHelpers\": {%q: \"\"}", host)
	}
	return findHelper(s)
}

func storeRefused(s Stored, c Credential, err error) error {
	refused := s.fault(err)
	if (s.Helper == "wincred" || s.Helper == "desktop") && len(c.Password) > wincredLimit {
		return hint.Add(refused, "the Windows credential store takes %d bytes and this token has %d: "+
			"set DOCKER_CONFIG to a folder with a config.json that names no credsStore", wincredLimit, len(c.Password))
	}
	return refused
}

// helperProgram runs a credential helper for the library: with the caller's context, and without its noise on the
// terminal. It remembers how the last run went, because the library's errors do not wrap.
type helperProgram struct {
	name   string
	cmd    *exec.Cmd
	stdout []byte
	stderr bytes.Buffer
	err    error
}

func (h *helperProgram) under(ctx context.Context) client.ProgramFunc {
	return func(args ...string) client.Program {
		h.stderr.Reset()
		h.stdout, h.err = nil, nil
		h.cmd = child.Command(ctx, nil, h.name, args...)
		h.cmd.Stderr = &h.stderr
		h.cmd.WaitDelay = helperWait
		return h
	}
}

// The methods of client.Program.

func (h *helperProgram) Input(in io.Reader) { h.cmd.Stdin = in }

func (h *helperProgram) Output() ([]byte, error) {
	h.stdout, h.err = h.cmd.Output()
	return h.stdout, h.err
}

// fault is why the last run failed, in the helper's own words, which by its protocol are on stdout, without the secret.
func (h *helperProgram) fault(ctx context.Context, err error, secret string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if h.err == nil {
		return err
	}
	words := cmp.Or(strings.TrimSpace(string(h.stdout)), strings.TrimSpace(h.stderr.String()))
	if words == "" {
		return h.err
	}
	return fmt.Errorf("%w: %s", h.err, strings.ReplaceAll(words, secret, "(hidden)"))
}
