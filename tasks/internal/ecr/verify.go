package ecr

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// What [Verify] finds, for errors.Is. A refused credential is not worth storing. If the registry cannot be
// asked from here (a VPN is down, only a Docker daemon elsewhere reaches it), the credential may be good.
var (
	ErrRefused     = errors.New("the registry refuses the credential")
	ErrUnreachable = errors.New("the registry cannot be asked")
)

const (
	verifyTime  = 10 * time.Second
	answerLimit = 64 << 10 // bytes of an answer that are read
	reasonLimit = 300      // characters of it that are repeated
)

// Verify asks the registry whether it takes the credential: GET /v2/ with basic authentication, for at most
// ten seconds. It returns nil for 200, [ErrRefused] with the registry's words for 401 and 403, and
// [ErrUnreachable] for no answer or any other. A nil client is http.DefaultClient.
func Verify(ctx context.Context, client *http.Client, c Credential) error {
	client = cmp.Or(client, http.DefaultClient)
	timed, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	request, err := http.NewRequestWithContext(timed, http.MethodGet, c.Endpoint+"/v2/", nil)
	if err != nil {
		return fmt.Errorf("verifying the credential for %q: %w", c.Host, err)
	}
	request.SetBasicAuth(c.Username, c.Password)
	response, err := client.Do(request)
	switch {
	case ctx.Err() != nil: // the caller's doing, which says nothing of the registry
		return fmt.Errorf("verifying the credential for %q: %w", c.Host, context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("verifying the credential for %q: %w: %w", c.Host, ErrUnreachable, err)
	}
	defer response.Body.Close()
	return judge(c.Host, response)
}

func judge(host string, response *http.Response) error {
	reason := registryReason(response.Body)
	switch response.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("verifying the credential for %q: %w: %s", host, ErrRefused, cmp.Or(reason, response.Status))
	}
	return fmt.Errorf("verifying the credential for %q: %w: it answers %s", host, ErrUnreachable, response.Status)
}

// registryReason is the message of a registry's error answer, or the answer's beginning if it is not one,
// on one line and without control characters.
func registryReason(body io.Reader) string {
	raw, _ := io.ReadAll(io.LimitReader(body, answerLimit)) // what was read before a broken connection will do
	var answer struct {
		Errors []struct{ Code, Message string }
	}
	text := string(raw)
	if json.Unmarshal(raw, &answer) == nil && len(answer.Errors) > 0 {
		text = answer.Errors[0].Code + ": " + answer.Errors[0].Message
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }),
		" ")
	if short := []rune(text); len(short) > reasonLimit {
		return string(short[:reasonLimit]) + "…"
	}
	return text
}
