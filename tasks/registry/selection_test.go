package registry

import (
	"strings"
	"testing"
)

// Repositories that do not exist are named all at once, with the account and how to make them.
func TestMissing(t *testing.T) {
	opened, _ := step(t)
	s, err := selectFrom(t.Context(), opened, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.missing(t.Context(), func(int) (bool, string) { return false, "throttled" }); err != nil {
		t.Errorf("repositories that could not be asked are not missing: %v", err)
	}
	err = s.missing(t.Context(), func(int) (bool, string) { return false, "" })
	want := `repositories "team/app", "team/client" do not exist in account 000000000000 in us-west-2 at http://`
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), "mage deploy") {
		t.Errorf("%v, want it to begin with %s", err, want)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	err = s.missing(t.Context(), func(i int) (bool, string) { return i == 0, "" })
	want = "repository \"team/client\" does not exist in us-west-2\n"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("AWS does not tell the account: %v, want it to begin with %s", err, want)
	}
}
