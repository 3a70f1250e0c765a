package s3

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"
)

const nvmePoly = 0x9a6c9329ac4bc9b5 // CRC-64/NVME, reflected

// algorithms are the checksums that the SDKs and Terraform send (User Guide, "Checking object integrity").
var algorithms = map[string]func() hash.Hash{
	"CRC32":     func() hash.Hash { return crc32.NewIEEE() },
	"CRC32C":    func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) },
	"CRC64NVME": func() hash.Hash { return crc64.New(crc64.MakeTable(nvmePoly)) },
	"SHA1":      sha1.New,
	"SHA256":    sha256.New,
}

// defaultAlgorithm is what S3 computes when the client sends nothing.
const defaultAlgorithm = "CRC64NVME"

// checksum is a sum of a whole body, in base64. An object of several parts has none.
type checksum struct {
	Algorithm, Value, Type string
}

func sumOf(name string, h hash.Hash) checksum {
	return checksum{name, base64.StdEncoding.EncodeToString(h.Sum(nil)), "FULL_OBJECT"}
}

// setHeaders announces the sum of an object.
func (c checksum) setHeaders(h http.Header) {
	if c.Algorithm != "" {
		h.Set(checksumHeader(c.Algorithm), c.Value)
		h.Set("x-amz-checksum-type", c.Type)
	}
}

func checksumHeader(name string) string { return "x-amz-checksum-" + strings.ToLower(name) }

// headerChecksum finds the one x-amz-checksum-ALGORITHM header. Without any it is the zero checksum.
func headerChecksum(h http.Header) (checksum, error) {
	var found checksum
	for name := range algorithms {
		value := h.Get(checksumHeader(name))
		if value == "" {
			continue
		}
		if found.Algorithm != "" {
			const wrong = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
			return checksum{}, errInvalidRequest.says(wrong)
		}
		found = checksum{Algorithm: name, Value: value}
	}
	return found, nil
}
