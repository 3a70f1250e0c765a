package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"envoy-proxy-poc/tasks/internal/files"
)

// stampFile is where a data folder says what it was initialised for.
const stampFile = "tasks.stamp"

func (t *Terraform) prepared() bool {
	kept, err := os.ReadFile(filepath.Join(t.options.DataDir, stampFile))
	if err != nil {
		return false
	}
	now, err := t.fingerprint()
	return err == nil && string(kept) == now && t.providersThere() && (t.options.Attach == "" || t.vouched())
}

func (t *Terraform) stamp() error {
	text, err := t.fingerprint()
	if err != nil {
		return err
	}
	if err := files.Replace(filepath.Join(t.options.DataDir, stampFile), []byte(text)); err != nil {
		return fmt.Errorf("noting what terraform was initialised for: %w", err)
	}
	t.vouch()
	return nil
}

// vouch remembers the providers as they are after an init, which has compared their checksums with the lock file. Whoever
// may change the data folder cannot change the memory: it is in the user's cache. Where that cannot be written, each
// command begins with an init.
func (t *Terraform) vouch() {
	if t.options.Attach == "" {
		return
	}
	if now, err := t.providersNow(); err == nil {
		_ = files.Replace(t.memory(), []byte(now))
	}
}

// vouched says whether the lock file and every file of the providers are still those that an init has checked.
func (t *Terraform) vouched() bool {
	kept, err := os.ReadFile(t.memory())
	if err != nil {
		return false
	}
	now, err := t.providersNow()
	return err == nil && now == string(kept)
}

func (t *Terraform) memory() string { return t.remembered([]byte(t.options.DataDir)) }

// remembered is the file of the user's cache that belongs to a data folder or to a lock file.
func (t *Terraform) remembered(of []byte) string {
	name := sha256.Sum256(of)
	return filepath.Join(t.options.Attach, hex.EncodeToString(name[:8]))
}

func (t *Terraform) providersNow() (string, error) {
	locked, err := os.ReadFile(t.lockFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	now := string(locked)
	for _, provider := range lockedProvider.FindAllStringSubmatch(string(locked), -1) {
		files, err := traits(t.providerDir(provider[1], provider[2]))
		if err != nil {
			return "", err
		}
		now += files
	}
	return now, nil
}

// unstamp removes the stamp before an init, which may stop half way.
func (t *Terraform) unstamp() error {
	err := os.Remove(filepath.Join(t.options.DataDir, stampFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fingerprint is a hash of all that an init depends on, and of the backend that it wrote. terraform does not keep
// endpoints: a folder initialised for another endpoint would silently plan against that one.
func (t *Terraform) fingerprint() (string, error) {
	parts := []string{t.env["TF_CLI_CONFIG_FILE"], strings.Join(assignments(t.options.Backend), "\n")}
	for _, name := range slices.Sorted(maps.Keys(t.env)) {
		if strings.HasPrefix(name, "AWS_ENDPOINT_URL") || name == "AWS_CA_BUNDLE" {
			parts = append(parts, name+"="+t.env[name])
		}
	}
	for _, file := range []string{
		t.env["TF_CLI_CONFIG_FILE"], t.lockFile(),
		filepath.Join(t.options.DataDir, "terraform.tfstate"),
	} {
		text, _ := os.ReadFile(file) // one that is not there is a fact like any other
		parts = append(parts, string(text))
	}
	binary, err := os.Stat(t.options.Exec)
	if err != nil {
		return "", err
	}
	parts = append(parts, t.options.Exec, fmt.Sprint(binary.Size(), binary.ModTime().UnixNano()))
	blocks, err := blocksIn(t.options.Dir, "terraform", "module") // those that init reads
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, part := range append(parts, blocks...) {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// blocksIn are the blocks of some types in a configuration; all of a file that cannot be parsed, and of JSON.
func blocksIn(dir string, types ...string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".tf") && !strings.HasSuffix(entry.Name(), ".tf.json") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		parts = append(parts, blocksOf(entry.Name(), text, types)...)
	}
	return parts, nil
}

func blocksOf(name string, text []byte, types []string) []string {
	file, problems := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if problems.HasErrors() {
		return []string{string(text)}
	}
	var parts []string
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		if slices.Contains(types, block.Type) {
			parts = append(parts, string(block.Range().SliceBytes(text)))
		}
	}
	return parts
}

var lockedProvider = regexp.MustCompile(`(?m)^provider "([^"]+)" \{\s*version\s*=\s*"([^"]+)"`)

func (t *Terraform) providersThere() bool {
	text, err := os.ReadFile(t.lockFile())
	if errors.Is(err, fs.ErrNotExist) {
		return true // a configuration that needs none has none
	}
	for _, provider := range lockedProvider.FindAllStringSubmatch(string(text), -1) {
		if found, err := os.ReadDir(t.providerDir(provider[1], provider[2])); err != nil || len(found) == 0 {
			return false
		}
	}
	return err == nil
}

func (t *Terraform) providerDir(name, version string) string {
	return filepath.Join(t.options.DataDir, "providers", filepath.FromSlash(name), version, hostPlatform())
}
