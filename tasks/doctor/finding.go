package doctor

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/session"
)

// The words of a finding.
const (
	healthy = "ok"
	warning = "warning" // something to know: the targets run, or the doctor cannot tell whether they do
	faulty  = "fault"   // a target will fail because of it
)

type finding struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"` // what to type, or to do
}

func good(format string, args ...any) finding {
	return finding{Status: healthy, Detail: fmt.Sprintf(format, args...)}
}

func unusual(fix, format string, args ...any) finding {
	return finding{Status: warning, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

func bad(fix, format string, args ...any) finding {
	return finding{Status: faulty, Detail: fmt.Sprintf(format, args...), Fix: fix}
}

// failure is the finding of an error, with the error's hint as the fix. What the SDK says is shortened to AWS's own
// words, or to the cause.
func failure(err error) finding {
	what, fix := hint.Parts(err)
	_, called := errors.AsType[*smithy.OperationError](err)
	switch {
	case awserr.NoCredentials(err):
		what = "no profile, no keys in the environment, and this machine has no role"
		_, fix, _ = strings.Cut(fix, ": ")
	case awserr.Code(err) != "":
		what, _, _ = strings.Cut(what, "operation error ")
		what += awserr.Reason(err)
	case unanswered(err):
		fix = cmp.Or(fix, session.Network)
		if called {
			what = "AWS does not answer: " + innermost(err)
		}
	}
	return bad(fix, "%s", console.OneLine(what))
}

func notAsked(why string) finding { return unusual("", "not looked at: %s", why) }

func showFindings(c *console.Console, findings []finding) {
	for _, f := range findings {
		c.Answer("%-8s %-13s %s", f.Status, f.Name, f.Detail)
		if f.Fix != "" {
			c.Answer("%-8s %-13s fix it: %s", "", "", f.Fix)
		}
	}
}
