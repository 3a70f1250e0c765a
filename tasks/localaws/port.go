package localaws

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// PortError is a port that cannot be had.
type PortError struct {
	Port   int
	Holder string // who listens there, as far as this system tells: `process 4711 (nginx)`; else ""
	Folder string // whose port it is
	err    error
}

func (e *PortError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("listening on port %d for %s: %v", e.Port, e.Folder, e.err)
	}
	return fmt.Sprintf("listening on port %d for %s: %s has it", e.Port, e.Folder, e.Holder)
}

func (e *PortError) Unwrap() error { return e.err }

// portHolder names the process that listens on a port, where the kernel tells (Linux's /proc). Another user's process stays "".
func portHolder(port int) string {
	inodes := listening(port)
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !inodes[target] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		name, _ := os.ReadFile(filepath.Join("/proc", pid, "comm"))
		return fmt.Sprintf("process %s (%s)", pid, strings.TrimSpace(string(name)))
	}
	return ""
}

// listening is the sockets in state LISTEN on a port, as /proc names them in a process's fd folder.
// Columns: https://docs.kernel.org/networking/proc_net_tcp.html
func listening(port int) map[string]bool {
	const listen = "0A"
	found := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			if len(fields) > 9 && fields[3] == listen && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
				found["socket:["+fields[9]+"]"] = true
			}
		}
		_ = file.Close()
	}
	return found
}
