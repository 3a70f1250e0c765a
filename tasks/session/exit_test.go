package session

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/internal/hint"
)

// A full disk and one that cannot be written have a way out, whoever found them.
func TestEndHelpsWithTheDisk(t *testing.T) {
	for said, want := range map[string]string{
		"terraform plan failed: write x: no space left on device": "free some space; where it is missing says: mage doctor",
		"mkdir dist: read-only file system":                       "work in a checkout that you may write to; ",
		"mkdir dist: permission denied":                           "",
	} {
		_, fix, _ := strings.Cut(End(t.Context(), errors.New(said)).Error(), "\nhint: ")
		if !strings.HasPrefix(fix, want) || (fix == "") != (want == "") {
			t.Errorf("%s: the hint is %q, want %q", said, fix, want)
		}
	}
}

// Where nothing answers, the hint is about the network, and not about the credentials.
func TestExplainTheNetwork(t *testing.T) {
	for _, cause := range []error{&net.DNSError{Err: "no such host"}, &net.OpError{Op: "dial", Err: errors.New("i/o timeout")}} {
		err := Account{}.Explain(fmt.Errorf("asking: %w", &smithy.OperationError{ServiceID: "STS", Err: cause}))
		if _, fix := hint.Parts(err); fix != Network {
			t.Errorf("%v: the hint is %q", cause, fix)
		}
	}
}
