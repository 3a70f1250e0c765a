package lines

import (
	"fmt"
	"slices"
	"testing"
)

func TestWriterJoinsPieces(t *testing.T) {
	var got []string
	w := &Writer{Take: func(line string) { got = append(got, line) }}
	for _, piece := range []string{"a", "b\n\nc\nd", "e"} {
		fmt.Fprint(w, piece)
	}
	if want := []string{"ab", "", "c"}; !slices.Equal(got, want) {
		t.Errorf("before Flush %q, want %q", got, want)
	}
	w.Flush()
	w.Flush()
	if want := []string{"ab", "", "c", "de"}; !slices.Equal(got, want) {
		t.Errorf("after Flush %q, want %q", got, want)
	}
}
