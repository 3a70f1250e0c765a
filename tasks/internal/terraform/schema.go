//go:build unix

package terraform

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// used are the types of the state and the words of the configuration, the types of its resources among them. Nil means
// all: what the state holds is not known.
func (t *Terraform) used() (map[string]bool, error) {
	if t.options.StateTypes == nil {
		return nil, nil
	}
	used := map[string]bool{}
	for _, held := range t.options.StateTypes {
		used[held] = true
	}
	sources, err := filepath.Glob(filepath.Join(t.options.Dir, "*.tf"))
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			return nil, err
		}
		for _, found := range word.FindAll(text, -1) {
			used[string(found)] = true
		}
	}
	return used, err
}

var word = regexp.MustCompile(`\w+`)

// Fields of a provider's answer, see GetProviderSchema.Response in docs/plugin-protocol/tfplugin5.proto of Terraform.
// Version 6 of the protocol has the same numbers.
const (
	resourceSchemas   = 2 // a map: each entry is a field of its own
	dataSourceSchemas = 3
	diagnostics       = 4
)

// framing is how many bytes gRPC writes before a message: 1 says whether it is compressed, 4 are its length.
const framing = 5

// only is a provider's answer without the types that are not used, and whether it says nothing but schemas. An answer
// that cannot be read is left as it is.
func only(answer []byte, used map[string]bool) (short []byte, sound bool) {
	if len(answer) < framing || answer[0] != 0 {
		return answer, false
	}
	short, sound = slices.Clone(answer[:framing]), true
	for rest := answer[framing:]; len(rest) > 0; {
		number, value, size := field(rest)
		if size == 0 {
			return answer, false
		}
		if number == diagnostics {
			sound = false
		}
		_, name, _ := field(value) // an entry of a map begins with its key
		if used == nil || number != resourceSchemas && number != dataSourceSchemas || used[string(name)] {
			short = append(short, rest[:size]...)
		}
		rest = rest[size:]
	}
	binary.BigEndian.PutUint32(short[1:], uint32(len(short)-framing))
	return short, sound
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
