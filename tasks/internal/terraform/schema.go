//go:build unix

package terraform

import (
	"encoding/binary"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
)

// schemaFile keeps what a provider says of itself, for all folders with the same lock file: that has its checksum.
func (t *Terraform) schemaFile() (string, error) {
	locked, err := os.ReadFile(t.lockFile())
	return t.remembered(locked) + ".schema", err
}

// used are the types of the configuration and of the state. Nil means all: what the state holds is not known.
func (t *Terraform) used() (map[string]bool, error) {
	if t.options.Types == nil {
		return nil, nil
	}
	used := map[string]bool{}
	for _, name := range t.options.Types {
		used[name] = true
	}
	blocks, err := blocksIn(t.options.Dir, "resource", "data", "check")
	for _, block := range blocks {
		for _, typed := range label.FindAllStringSubmatch(block, -1) {
			used[typed[1]] = true
		}
	}
	return used, err
}

// label is the type that a block is of. HCL takes it without quotes, too.
var label = regexp.MustCompile(`\b(?:resource|data)\s+"?(\w+)`)

// Fields of a provider's answer, see GetProviderSchema.Response in docs/plugin-protocol/tfplugin5.proto of Terraform.
// Version 6 of the protocol has the same numbers.
const (
	resourceSchemas   = 2 // a map: each entry is a field of its own
	dataSourceSchemas = 3
	diagnostics       = 4
)

// framing is how many bytes gRPC writes before a message: 1 says whether it is compressed, 4 are its length.
const framing = 5

// only is a provider's answer without the types that are not used. Where a used one is missing it is the whole answer:
// Terraform then says which type may be meant. An answer that is not sound cannot be read, or says more than schemas.
func only(answer []byte, used map[string]bool, provider string) (short []byte, sound bool) {
	if len(answer) < framing || answer[0] != 0 || uint64(binary.BigEndian.Uint32(answer[1:])) != uint64(len(answer)-framing) {
		return answer, false
	}
	missing := maps.Clone(used)
	maps.DeleteFunc(missing, func(name string, _ bool) bool { return !strings.HasPrefix(name, path.Base(provider)+"_") })
	short = slices.Clone(answer[:framing])
	for rest := answer[framing:]; len(rest) > 0; {
		number, value, size := field(rest)
		keep := true
		switch {
		case size == 0 || number == diagnostics:
			return answer, false
		case number == resourceSchemas || number == dataSourceSchemas:
			_, key, read := field(value) // an entry begins with its key
			if read == 0 {
				return answer, false
			}
			keep = used == nil || used[string(key)]
			delete(missing, string(key))
		}
		if keep {
			short = append(short, rest[:size]...)
		}
		rest = rest[size:]
	}
	if len(missing) > 0 {
		return answer, true
	}
	binary.BigEndian.PutUint32(short[1:], uint32(len(short)-framing))
	return short, true
}

// field is the first field of a message: its number, its value and its size, which is 0 where it cannot be read. All
// fields here are of protobuf's wire type 2, which has a length.
func field(message []byte) (number uint64, value []byte, size int) {
	tag, n := binary.Uvarint(message)
	if n <= 0 || tag&7 != 2 {
		return 0, nil, 0
	}
	length, m := binary.Uvarint(message[n:])
	if m <= 0 || length > uint64(len(message)-n-m) {
		return 0, nil, 0
	}
	size = n + m + int(length)
	return tag >> 3, message[n+m : size], size
}
