package s3

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
)

// Store keys sort as S3 lists: by object key in bytes, then versions newest first. An object key is followed by 00 00
// and a number. It has no 00 of its own, so no key's rows lie among another's.

const numberSize = 8

// rowsOf is the prefix of all rows of one object key.
func rowsOf(key string) []byte { return append([]byte(key), 0, 0) }

// pastRows is where the next object key begins.
func pastRows(key string) []byte { return append([]byte(key), 0, 1) }

// pastPrefix is where the first object key begins that sorts after all with the prefix. No byte of UTF-8 is FF.
func pastPrefix(prefix string) []byte {
	b := []byte(prefix)
	b[len(b)-1]++
	return b
}

func versionKey(key string, number uint64) []byte {
	return binary.BigEndian.AppendUint64(rowsOf(key), ^number)
}

// objectKey takes the object key out of a row's.
func objectKey(row []byte) string { return string(row[:len(row)-numberSize-2]) }

// rowNumber takes a version's number out of its row's key.
func rowNumber(row []byte) uint64 { return ^binary.BigEndian.Uint64(row[len(row)-numberSize:]) }

func partKey(uploadID string, number int) []byte {
	return binary.BigEndian.AppendUint32([]byte(uploadID), uint32(number))
}

// newID makes a version id: 32 characters, opaque to clients, that begin with the row's
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
