package e2e_test

import "testing"

// takesLong skips a test that runs many targets, in `mage test -short`.
func takesLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}
