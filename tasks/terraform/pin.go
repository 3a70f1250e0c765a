package terraform

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Pin reads a .terraform-version as tfenv and tenv do: the first line that says something, comments left out.
// Without the file it is empty, and then nothing is installed.
func Pin(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the version to install: %w", err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimPrefix(strings.TrimSpace(line), "v"); line != "" {
			return line, nil
		}
	}
	return "", fmt.Errorf("reading the version to install: %s is empty", path)
}
