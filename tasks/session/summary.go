package session

import (
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/menu"
)

// did is what the targets of this run have done, by subject.
var did = map[string][]string{}

// Did notes what a target has done, for [Session.Summarise].
func Did(subject, format string, args ...any) {
	did[subject] = append(did[subject], fmt.Sprintf(format, args...))
}

// Summarise says at the end of the last target what the targets of this run have done, and what to type next. It says
// nothing of a single subject, which the reader has just seen.
func (s *Session) Summarise(next string) {
	if len(did) < 2 || !menu.Last() {
		return
	}
	s.Say("")
	for _, subject := range []string{"state bucket", "resources", "login", "images"} {
		if did[subject] != nil {
			text := fmt.Sprintf("✓ %-12s  %s", subject, strings.Join(did[subject], ", "))
			s.SayLines([]console.Cell{{Text: text, Paint: console.Green}})
		}
	}
	s.Say("next: %s", next)
}
