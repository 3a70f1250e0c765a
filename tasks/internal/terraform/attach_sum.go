//go:build unix

package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/sys/unix"

	"envoy-proxy-poc/tasks/internal/files"
)

// folderSum is the checksum of a provider's folder, as lock files have it. memory is a folder that keeps it for files
// that did not change: a file there for each provider's folder, so that processes do not disturb each other.
func folderSum(dir, memory string) (sum string, err error) {
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	now, err := traits(dir)
	if err != nil {
		return "", err
	}
	name := sha256.Sum256([]byte(dir))
	memory = filepath.Join(memory, hex.EncodeToString(name[:8]))
	kept, _ := os.ReadFile(memory) // none: it is computed
	if sum, known := strings.CutPrefix(string(kept), now); known {
		return sum, nil
	}
	if sum, err = dirhash.HashDir(dir, "", dirhash.Hash1); err != nil {
		return "", err
	}
	if after, err := traits(dir); err == nil && after == now {
		_ = files.Replace(memory, []byte(now+sum)) // if that fails, the next command computes it again
	}
	return sum, nil
}

// traits tell whether any file of a folder was touched.
func traits(dir string) (string, error) {
	names, err := dirhash.DirFiles(dir, "")
	if err != nil {
		return "", err
	}
	text := dir + "\n"
	for _, name := range names {
		var s unix.Stat_t
		if err := unix.Stat(filepath.Join(dir, name), &s); err != nil {
			return "", err
		}
		text += fmt.Sprintln(name, s.Dev, s.Ino, s.Size, s.Mtim, s.Ctim)
	}
	return text, nil
}
