package ecr

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
)

// Credential opens one registry for at most twelve hours. It hides its password however it is printed or encoded.
type Credential struct {
	Host      string    // the registry: Docker's key, and what image references begin with
	Username  string    // "AWS"
	Password  string    `json:"-"`
	ExpiresAt time.Time // UTC
}

// Token fetches a credential for the account that api is signed in to. ECR's answer names the host, in any partition.
func Token(ctx context.Context, api *Client) (Credential, error) {
	out, err := api.GetAuthorizationToken(ctx, &awsecr.GetAuthorizationTokenInput{})
	if err != nil {
		return Credential{}, fmt.Errorf("fetching a registry token: %w", err)
	}
	if len(out.AuthorizationData) == 0 {
		return Credential{}, errors.New("fetching a registry token: the answer holds none")
	}
	data := out.AuthorizationData[0]
	c := Credential{ExpiresAt: aws.ToTime(data.ExpiresAt).UTC()}
	if c.Host, err = hostOf(aws.ToString(data.ProxyEndpoint)); err != nil {
		return Credential{}, fmt.Errorf("fetching a registry token: %w", err)
	}
	if c.Username, c.Password, err = decodeToken(aws.ToString(data.AuthorizationToken)); err != nil {
		return Credential{}, fmt.Errorf("fetching a registry token for %q: %w", c.Host, err)
	}
	return c, nil
}

func hostOf(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("the registry's address %q is not a URL", endpoint)
	}
	return u.Host, nil
}

// decodeToken splits base64 of user:password. Its errors hold no part of the token.
func decodeToken(token string) (user, password string, err error) {
	plain, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		return "", "", errors.New("the token is not base64")
	}
	user, password, ok := strings.Cut(string(plain), ":")
	if !ok || user == "" || password == "" {
		return "", "", errors.New("the token is not user:password")
	}
	return user, password, nil
}

// Format hides the password, for every verb.
func (c Credential) Format(w fmt.State, _ rune) {
	fmt.Fprintf(w, "%s@%s (password hidden, expires %s)", c.Username, c.Host, c.ExpiresAt.UTC().Format(time.RFC3339))
}
