package session

import (
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/menu"
)

// did is what the targets of this run have done.
var did []struct{ what, result string }

// Did notes what a target has done, for [Session.Summarise].
func Did(what, format string, args ...any) {
	did = append(did, struct{ what, result string }{what, fmt.Sprintf(format, args...)})
}

// Summarise says at the end of the last target what the targets of this run have done, and what to type next. It says
// nothing of a single result, which the reader has just seen.
func (s *Session) Summarise(next string) {
	if len(did) < 2 || !menu.Last() {
		return
	}
	results := map[string][]string{} // push:app push:client have one line
	var lines []console.Cell
	for _, one := range did {
		results[one.what] = append(results[one.what], one.result)
	}
	for _, what := range []string{"state bucket", "resources", "login", "images"} {
		if results[what] != nil {
			text := fmt.Sprintf("✓ %-12s  %s", what, strings.Join(results[what], ", "))
			lines = append(lines, console.Cell{Text: text, Paint: console.Green})
		}
	}
	s.Say("")
	s.SayLines(lines)
	s.Say("next: %s", next)
}
