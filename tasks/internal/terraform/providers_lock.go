package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-exec/tfexec"

	"envoy-proxy-poc/tasks/internal/files"
)

// Platforms are those that the lock file has checksums for: where people and CI run Terraform.
var Platforms = []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"}

var checksum = regexp.MustCompile(`"(?:h1|zh):[^"]+"`)

// LockProviders adds the checksums of one platform to the lock file, from a mirror's folder, or from the registry where
// that is empty. If a checksum would be lost, the file is as before and that is the error.
func (t *Terraform) LockProviders(ctx context.Context, platform, mirror string) error {
	path := t.lockFile()
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("reading the lock file: %w", err)
	}
	options := []tfexec.ProvidersLockOption{tfexec.Platform(platform)}
	if mirror != "" {
		options = append(options, tfexec.FSMirror(mirror))
	}
	c := streaming("providers lock", nil,
		func(ctx context.Context, tf *tfexec.Terraform) error { return tf.ProvidersLock(ctx, options...) })
	c.quiet, c.askVersion = true, true
	if err := t.run(ctx, c); err != nil {
		return err
	}
	after, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the lock file: %w", err)
	}
	lost := dropped(before, after)
	if len(lost) == 0 {
		return nil
	}
	if err := files.Replace(path, before); err != nil {
		return fmt.Errorf("putting the lock file back: %w", err)
	}
	return fmt.Errorf("locking providers for %s: %d checksums would be dropped, such as %s: the lock file is as before",
		platform, len(lost), lost[0])
}

func dropped(before, after []byte) []string {
	kept := checksum.FindAllString(string(after), -1)
	return slices.DeleteFunc(checksum.FindAllString(string(before), -1),
		func(sum string) bool { return slices.Contains(kept, sum) })
}

// mergeMarker is a line that git writes into a file of which two sides differ.
var mergeMarker = regexp.MustCompile(`(?m)^(<<<<<<<|=======|>>>>>>>)`)

// CheckLockFile is an error where the lock file cannot be read, with the line, which Terraform does not always name.
func CheckLockFile(dir string) error {
	path := LockFile(dir)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if at := mergeMarker.FindIndex(text); at != nil {
		return fmt.Errorf("%s:%d: git's merge markers are in it", path, 1+bytes.Count(text[:at[0]], []byte("\n")))
	}
	if _, problems := hclsyntax.ParseConfig(text, path, hcl.InitialPos); problems.HasErrors() {
		return problems.Errs()[0] // it begins with path:line
	}
	return nil
}

// LockFile is where terraform keeps the checksums of a configuration's providers.
func LockFile(dir string) string { return filepath.Join(dir, ".terraform.lock.hcl") }

func (t *Terraform) lockFile() string { return LockFile(t.options.Dir) }
