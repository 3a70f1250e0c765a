package settings

import (
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest is the known name that name is a slip of the keyboard away from, or empty.
func Nearest(name string, known []string) (best string) {
	limit := 1
	if len(name) > 3 {
		limit = 2
	}
	for _, candidate := range known {
		if d := levenshtein.Distance(strings.ToLower(name), candidate, nil); d <= limit {
			best, limit = candidate, d-1
		}
	}
	return best
}
