package menu

import (
	"fmt"
	"os"
	"testing"
)

// The tests of this package read the project's own menu.
var magefile string

func TestMain(m *testing.M) {
	text, err := os.ReadFile("../../magefile.go")
	if err == nil {
		magefile = string(text)
		_, err = Check(magefile, nil)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
