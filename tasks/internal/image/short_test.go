package image

import "testing"

// takesLong skips a test of many seconds, in `mage test -short`.
func takesLong(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes long")
	}
}
