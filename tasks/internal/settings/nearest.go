package settings

import "strings"

// Nearest is the known name that name is a slip of the keyboard away from, or empty.
func Nearest(name string, known []string) (best string) {
	limit := 1
	if len(name) > 4 {
		limit = 2
	}
	for _, candidate := range known {
		if d := distance(strings.ToLower(name), candidate); d <= limit {
			best, limit = candidate, d-1
		}
	}
	return best
}

// distance is how many letters to insert, delete or replace to get from a to b (Levenshtein's).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
