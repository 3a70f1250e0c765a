// Package files replaces files whole, and locks across processes.
package files

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
)

// Replace gives a file new content, whole or not at all, since another process may be reading it. It makes the folder,
// and writes nothing if the content is the same. The file keeps its mode; only the owner can read a new file.
func Replace(path string, content []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // gone already, if all went well
	_, err = file.Write(content)
	if info, statErr := os.Stat(path); statErr == nil {
		err = errors.Join(err, file.Chmod(info.Mode().Perm()))
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
