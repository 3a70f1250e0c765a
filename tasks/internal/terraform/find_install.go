package terraform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"

	"envoy-proxy-poc/tasks/internal/files"
	"envoy-proxy-poc/tasks/internal/hint"
)

const (
	releasesURL    = "https://releases.hashicorp.com"
	installTimeout = 15 * time.Minute // for 30 MB; hc-install's own 30 s fail on slow lines, and what stalls ends sooner
	unfinished     = ".installing-"
)

// install downloads the version to install, checks its signature and checksum, and puts it in the cache in one step.
func (s Search) install(ctx context.Context, wanted version.Constraints) (Binary, error) {
	if s.CacheDir == "" || s.Install == "" {
		return Binary{}, errNoInstall
	}
	v, err := version.NewSemver(s.Install)
	if err != nil {
		return Binary{}, fmt.Errorf("reading the version to install %q: %w", s.Install, err)
	}
	if !wanted.Check(v) {
		return Binary{}, fmt.Errorf("the version to install, %s, does not satisfy %s", s.Install, s.Constraint)
	}
	release, err := files.Lock(ctx, filepath.Join(s.CacheDir, ".lock"), func(pid string) {
		s.tell("waiting for process %s, which installs terraform", pid)
	})
	if err != nil {
		return Binary{}, err
	}
	defer release()
	if b, why := s.try(ctx, s.place(s.Install), wanted); why == "" {
		return b, nil // somebody else was faster
	}
	if err := s.download(ctx, v); err != nil {
		return Binary{}, fmt.Errorf("installing version %s from %s: %w", s.Install, s.source(), err)
	}
	return Binary{Path: s.place(s.Install), Version: v.String(), Installed: true}, nil
}

func (s Search) download(ctx context.Context, v *version.Version) error {
	s.sweep()
	temporary, err := os.MkdirTemp(s.CacheDir, unfinished)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	s.tell("installing terraform %s from %s", s.Install, s.source())
	line := newDownload(s.Progress)
	release := &releases.ExactVersion{
		Product: product.Terraform, Version: v, InstallDir: temporary, Timeout: installTimeout,
		ApiBaseURL: s.source(), ArmoredPublicKey: s.ArmoredPublicKey,
		// Not hc-install's client: it tries for 15 s before it admits that there is no network.
		HTTPClient: &http.Client{Transport: line},
	}
	path, err := release.Install(ctx)
	if failed := line.failed(); failed != nil && err != nil {
		return failed // what hc-install makes of it says less
	}
	// hc-install v0.10.0 loses the error of a refused archive and stumbles over the missing program
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the archive does not match its checksum, or cannot be unpacked")
	}
	if err != nil {
		return err
	}
	// It loses the error of a full disk, too, and then the program is there and is not whole.
	if got, err := s.probe(ctx, path); err != nil {
		return err
	} else if !got.Equal(v) {
		return fmt.Errorf("it is version %s", got)
	}
	if err := os.MkdirAll(filepath.Dir(s.place(s.Install)), 0o700); err != nil {
		return err
	}
	return os.Rename(path, s.place(s.Install))
}

// sweep removes what a killed installation left. Only the holder of the lock installs.
func (s Search) sweep() {
	stale, _ := filepath.Glob(filepath.Join(s.CacheDir, unfinished+"*"))
	for _, dir := range stale {
		_ = os.RemoveAll(dir)
	}
}

func (s Search) source() string { return cmp.Or(s.BaseURL, releasesURL) }

func (s Search) tell(format string, args ...any) {
	if s.Story != nil {
		_, _ = fmt.Fprintf(s.Story, format+"\n", args...)
	}
}

// Pinned is the version that a .terraform-version names, as tfenv and tenv read it.
func Pinned(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the version to install: %w", err)
	}
	words := strings.Fields(string(text))
	if len(words) != 1 {
		return "", hint.Add(fmt.Errorf("reading the version to install: %s holds %q", path, strings.TrimSpace(string(text))),
			"it holds one version, such as 1.11.4")
	}
	return words[0], nil
}
