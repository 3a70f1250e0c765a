package s3

import (
	"encoding/base64"
	"fmt"
	"math/bits"
)

// joinParts gives the sum of a multipart object from those of its parts, without reading them again.
func joinParts(name, kind string, parts []part) (checksum, error) {
	if kind == composite {
		return joinComposite(name, parts)
	}
	poly, width := algorithms[name].poly, algorithms[name].hash().Size()
	var crc uint64
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Sum.Value)
		if err != nil {
			return checksum{}, fmt.Errorf("reading the checksum of part %d: %w", p.Number, err)
		}
		crc = combineCRC(poly, width*8, crc, bigEndian(raw), p.Size)
	}
	raw := make([]byte, width)
	for i := range raw {
		raw[width-1-i] = byte(crc >> (8 * i))
	}
	return checksum{name, base64.StdEncoding.EncodeToString(raw), kind}, nil
}

func joinComposite(name string, parts []part) (checksum, error) {
	h := algorithms[name].hash()
	for _, p := range parts {
		raw, err := base64.StdEncoding.DecodeString(p.Sum.Value)
		if err != nil {
			return checksum{}, fmt.Errorf("reading the checksum of part %d: %w", p.Number, err)
		}
		h.Write(raw)
	}
	return checksum{name, fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(h.Sum(nil)), len(parts)), composite}, nil
}

func bigEndian(raw []byte) (n uint64) {
	for _, b := range raw {
		n = n<<8 | uint64(b)
	}
	return n
}

// combineCRC is the CRC of a followed by b, from the CRC of each and the length of b in bytes, for
// reflected CRCs whose initial and final value are all ones. Appending a zero bit is a linear map over
// GF(2); squaring its matrix doubles the number of bits, so the work is in the logarithm of length.
func combineCRC(poly uint64, width int, a, b uint64, length int64) uint64 {
	m := make([]uint64, width)
	m[0] = poly
	for i := 1; i < width; i++ {
		m[i] = 1 << (i - 1)
	}
	for range 3 { // from one bit to one byte
		m = square(m)
	}
	for ; length > 0; length >>= 1 {
		if length&1 == 1 {
			a = apply(m, a)
		}
		m = square(m)
	}
	return a ^ b
}

func apply(m []uint64, v uint64) (sum uint64) {
	for ; v != 0; v &= v - 1 {
		sum ^= m[bits.TrailingZeros64(v)]
	}
	return sum
}

func square(m []uint64) []uint64 {
	out := make([]uint64, len(m))
	for i, column := range m {
		out[i] = apply(m, column)
	}
	return out
}
