package hint

import (
	"errors"
	"fmt"
	"testing"
)

func TestHintStaysLast(t *testing.T) {
	base := errors.New("no bucket")
	err := fmt.Errorf("deploying: %w", Add(base, "mage %s", "state:bootstrap"))
	if got, want := err.Error(), "deploying: no bucket\nhint: mage state:bootstrap"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(err, base) {
		t.Error("the hint hides the error it was added to")
	}
	if Add(nil, "never") != nil {
		t.Error("a hint made an error of nil")
	}
}
