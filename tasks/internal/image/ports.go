package image

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ports are what each app's Dockerfile exposes, in the order of the apps.
func (s Source) ports() ([][]int, error) {
	ports := make([][]int, len(s.Apps))
	var faults []error
	for i, app := range s.Apps {
		var err error
		if ports[i], err = dockerfilePorts(s.Root, app); err != nil {
			faults = append(faults, fmt.Errorf("building %q: %w", app, err))
		}
	}
	return ports, errors.Join(faults...)
}

// dockerfilePorts is the TCP ports that the app's Dockerfile exposes, so that both ways of building document the same.
// No Dockerfile, no ports.
func dockerfilePorts(root, app string) ([]int, error) {
	file := filepath.Join(root, appsDir, app, "Dockerfile")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ports []int
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || !strings.EqualFold(words[0], "EXPOSE") {
			continue
		}
		for _, word := range words[1:] {
			port, err := strconv.Atoi(strings.TrimSuffix(word, "/tcp"))
			if err != nil {
				return nil, fmt.Errorf("reading %q: EXPOSE %s: want a port number", file, word)
			}
			ports = append(ports, port)
		}
	}
	return ports, nil
}
