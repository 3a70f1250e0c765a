package ecr

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/config/types"

	"envoy-proxy-poc/tasks/internal/files"
)

// StoreOptions is what [Store] need not be told.
type StoreOptions struct {
	DockerAuthConfig string               // the value of DOCKER_AUTH_CONFIG, which Docker reads before its file
	Waiting          func(program string) // a credential helper takes long: it may wait for a passphrase. Optional.
	Patience         time.Duration        // for a helper; 0 for any time
}

// Stored says where a credential went.
type Stored struct {
	File        string // the config.json that was read; symbolic links followed
	Helper      string // the credential helper, without "docker-credential-"; empty: the file, unencrypted
	Unnecessary bool   // nothing was stored: the helper fetches a token of its own whenever Docker asks
	Shadowed    bool   // Docker will not see it, for DOCKER_AUTH_CONFIG names the same registry
}

// Store writes a credential where docker, buildx, crane and others look for it: the credential helper that config.json
// in dir names for the registry, else that file. It keeps what is in the file, even if another process stores at the
// same time; a file that cannot be understood is an error and is left as it is.
func Store(ctx context.Context, dir string, c Credential, o StoreOptions) (Stored, error) {
	s, err := store(ctx, dir, c, o)
	if err != nil {
		return s, fmt.Errorf("storing the credential for %q: %w", c.Host, err)
	}
	s.Shadowed = shadowed(o.DockerAuthConfig, c.Host)
	return s, nil
}

func store(ctx context.Context, dir string, c Credential, o StoreOptions) (Stored, error) {
	file, err := configPath(dir)
	if err != nil {
		return Stored{}, err
	}
	config, err := loadConfig(file)
	if err != nil {
		return Stored{File: file}, err
	}
	s := Stored{File: file, Helper: helperFor(config, c.Host)}
	if s.Helper == ecrLogin { // decided without the lock, because nothing is written
		s.Unnecessary = true
		return s, checkECRLogin(s, c.Host)
	}
	// Docker's own library replaces the file whole, but between its reading and its writing another's entry would be lost.
	unlock, err := files.Lock(ctx, file+".lock", nil)
	if err != nil {
		return s, err
	}
	defer unlock()
	if config, err = loadConfig(file); err != nil {
		return s, err
	}
	if s.Helper = helperFor(config, c.Host); s.Helper != "" {
		return s, storeInHelper(ctx, config, s, c, o)
	}
	return s, storeInFile(config, c)
}

// storeInFile keeps the credential in config.json, without the library's file store, which prints a warning of its own.
func storeInFile(config *configfile.ConfigFile, c Credential) error {
	config.GetAuthConfigs()[c.Host] = types.AuthConfig{Username: c.Username, Password: c.Password, ServerAddress: c.Host}
	if err := keepPrivate(config.Filename); err != nil {
		return err
	}
	if err := saveConfig(config); err != nil {
		return err
	}
	written, err := loadConfig(config.Filename)
	if err != nil {
		return err
	}
	if written.GetAuthConfigs()[c.Host].Password != c.Password {
		return fmt.Errorf("reading it back from %q: another one is there", config.Filename)
	}
	return nil
}

// keepPrivate takes group's and others' rights off an existing file: Save gives the new file the old one's mode.
func keepPrivate(file string) error {
	info, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(file, info.Mode().Perm()&^0o077)
}
