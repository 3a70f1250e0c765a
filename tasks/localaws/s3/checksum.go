package s3

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"net/http"
	"strings"
)

// The two ways a multipart object is summed: over its bytes, or over the sums of its parts.
const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// algorithm is one of the checksums of S3 (User Guide, "Checking object integrity").
type algorithm struct {
	hash func() hash.Hash
	poly uint64 // reflected; 0 if the sums of parts cannot be combined into that of the whole
}

const nvmePoly = 0x9a6c9329ac4bc9b5 // CRC-64/NVME, reflected

var algorithms = map[string]*algorithm{
	"CRC32":     {func() hash.Hash { return crc32.NewIEEE() }, crc32.IEEE},
	"CRC32C":    {func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }, crc32.Castagnoli},
	"CRC64NVME": {func() hash.Hash { return crc64.New(crc64.MakeTable(nvmePoly)) }, nvmePoly},
	"SHA1":      {sha1.New, 0},
	"SHA256":    {sha256.New, 0},
	"SHA512":    {sha512.New, 0},
	"MD5":       {md5.New, 0},
}

// defaultAlgorithm is what S3 computes when the client sends nothing.
const defaultAlgorithm = "CRC64NVME"

// checksum is a sum as it is kept and sent: base64, with "-N" behind it if composite.
type checksum struct {
	Algorithm, Value, Type string
}

// setHeaders announces the sum of an object.
func (c checksum) setHeaders(h http.Header) {
	if c.Algorithm != "" {
		h.Set("x-amz-checksum-"+strings.ToLower(c.Algorithm), c.Value)
		h.Set("x-amz-checksum-type", c.Type)
	}
}

// sums are the checksum elements of result documents; at most one is set.
type sums struct {
	ChecksumCRC32     string `xml:",omitempty"`
	ChecksumCRC32C    string `xml:",omitempty"`
	ChecksumCRC64NVME string `xml:",omitempty"`
	ChecksumSHA1      string `xml:",omitempty"`
	ChecksumSHA256    string `xml:",omitempty"`
	ChecksumSHA512    string `xml:",omitempty"`
	ChecksumMD5       string `xml:",omitempty"`
}

func (s *sums) field(algorithm string) *string {
	return map[string]*string{
		"CRC32": &s.ChecksumCRC32, "CRC32C": &s.ChecksumCRC32C, "CRC64NVME": &s.ChecksumCRC64NVME,
		"SHA1": &s.ChecksumSHA1, "SHA256": &s.ChecksumSHA256, "SHA512": &s.ChecksumSHA512, "MD5": &s.ChecksumMD5,
	}[algorithm]
}

func (c checksum) element() sums {
	var s sums
	if f := s.field(c.Algorithm); f != nil {
		*f = c.Value
	}
	return s
}

// headerChecksum finds the one x-amz-checksum-ALGORITHM header. Without any it is the zero checksum.
func headerChecksum(h http.Header) (checksum, error) {
	var found checksum
	for name := range algorithms {
		value := h.Get("x-amz-checksum-" + strings.ToLower(name))
		if value == "" {
			continue
		}
		if found.Algorithm != "" {
			return checksum{}, errInvalidRequest.says("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		found = checksum{Algorithm: name, Value: value, Type: fullObject}
	}
	return found, nil
}

// wellFormed reports whether value can be a sum of the algorithm at all.
func wellFormed(name, value string) error {
	raw, err := base64.StdEncoding.DecodeString(value)
	if err != nil || len(raw) != algorithms[name].hash().Size() {
		return errInvalidRequest.says("Value for x-amz-checksum-%s header is invalid.", strings.ToLower(name))
	}
	return nil
}

// parseType gives the type of a multipart checksum, by the table in "Checking object integrity".
func parseType(name, wanted string) (string, error) {
	a := algorithms[name]
	if a == nil {
		return "", errInvalidRequest.says("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512]")
	}
	switch {
	case wanted == "" && name == "CRC64NVME":
		return fullObject, nil
	case wanted == "":
		return composite, nil
	case wanted == fullObject && a.poly != 0, wanted == composite && name != "CRC64NVME":
		return wanted, nil
	case wanted == fullObject || wanted == composite:
		return "", errInvalidRequest.says("The %s checksum type cannot be used with the %s checksum algorithm.", wanted, strings.ToLower(name))
	}
	return "", errInvalidRequest.says("Value for x-amz-checksum-type header is invalid.")
}

func mismatch(name string) error {
	return errBadDigest.says("%s", fmt.Sprintf("The %s you specified did not match the calculated checksum.", name))
}
