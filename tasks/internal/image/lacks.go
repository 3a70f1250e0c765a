package image

import (
	"bytes"
	"slices"
)

// demand is something that a program may read from files, which an image from scratch does not have. The words are names
// of functions: the linker keeps the names of those that a program can reach.
type demand struct {
	uses   []string
	brings string
	says   string
}

var demands = []demand{
	{
		[]string{"crypto/tls.dial", "net/http.(*Transport).roundTrip"},
		"crypto/x509.SetFallbackRoots",
		"it can call TLS servers, and its image has no CA certificates; to compile them in, import " +
			`_ "golang.org/x/crypto/x509roots/fallback" and type: go mod tidy`,
	},
	{
		[]string{"time.LoadLocation"},
		"time/tzdata.loadFromEmbeddedTZData",
		`it reads time zones, and its image has none; to compile them in, import _ "time/tzdata"`,
	},
}

// unmet says what the program demands and does not bring, each with what to do.
func unmet(binary []byte) []string {
	var said []string
	links := func(function string) bool { return bytes.Contains(binary, []byte(function+"\x00")) }
	for _, n := range demands {
		if slices.ContainsFunc(n.uses, links) && !links(n.brings) {
			said = append(said, n.says)
		}
	}
	return said
}
