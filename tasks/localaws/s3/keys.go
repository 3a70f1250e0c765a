package s3

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"strings"
)

// Store keys sort as S3 lists: by object key in bytes, then versions newest first, uploads oldest
// first. An object key is followed by 00 00 and a number; a 00 of its own is written 00 FF, so that
// no key's rows lie among another's, and an escaped prefix is a prefix of every escaped key under it.

const numberSize = 8

func escapeKey(key string) []byte { return []byte(strings.ReplaceAll(key, "\x00", "\x00\xff")) }

// rows is the prefix of all rows of one object key.
func rows(key string) []byte { return append(escapeKey(key), 0, 0) }

// pastRows is where the next object key begins.
func pastRows(key string) []byte { return append(escapeKey(key), 0, 1) }

// pastPrefix is where the first object key begins that sorts after all with the prefix. It is nil, the
// start, for prefixes that nothing sorts after; UTF-8 has no such (no byte of it is FF).
func pastPrefix(prefix string) []byte {
	b := escapeKey(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] != 0xff {
			b[i]++
			return b[:i+1]
		}
	}
	return nil
}

func versionKey(key string, number uint64) []byte {
	return binary.BigEndian.AppendUint64(rows(key), ^number)
}

func uploadKey(key string, number uint64) []byte {
	return binary.BigEndian.AppendUint64(rows(key), number)
}

// objectKey takes the object key out of a row's.
func objectKey(row []byte) string {
	return string(bytes.ReplaceAll(row[:len(row)-numberSize-2], []byte{0, 0xff}, []byte{0}))
}

func partKey(uploadID string, number int) []byte {
	return binary.BigEndian.AppendUint32([]byte(uploadID), uint32(number))
}

// newID makes a version or upload id: 32 characters, opaque to clients, that begin with the row's
// number so that a row is found without a search. It cannot begin with a dash, which CLIs take for a flag.
func newID(number uint64) string {
	raw := binary.BigEndian.AppendUint64(nil, number)
	raw = append(raw, make([]byte, 16)...)
	_, _ = rand.Read(raw[numberSize:]) // never fails, by its documentation
	return base64.RawURLEncoding.EncodeToString(raw)
}

// numberOf reads the row's number out of an id, if it is one.
func numberOf(id string) (uint64, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(raw) != numberSize+16 {
		return 0, false
	}
	return binary.BigEndian.Uint64(raw), true
}

// rowNumber takes a version's number out of its row's key.
func rowNumber(row []byte) uint64 { return ^binary.BigEndian.Uint64(row[len(row)-numberSize:]) }
