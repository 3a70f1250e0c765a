package apps_test

import "testing"

// takesLong skips a test in `mage test -short`.
func takesLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}
