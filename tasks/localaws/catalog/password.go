package catalog

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// passwordLife is how long GetAuthorizationToken's password holds (API Reference, GetAuthorizationToken).
const passwordLife = 12 * time.Hour

// What is wrong with a registry password.
var (
	ErrPasswordExpired = errors.New("the registry password has expired")
	ErrPasswordInvalid = errors.New("not a registry password")
)

type passwordClaims struct {
	Region  string    `json:"region"`
	Account string    `json:"account"`
	Expires time.Time `json:"expires"`
}

// Password makes a password for the registry. It needs no store: it says whose it is, and is signed with the store's secret.
func (r *Registry) Password() (password string, expires time.Time) {
	expires = r.c.now().Add(passwordLife).UTC()
	text, err := json.Marshal(passwordClaims{r.region, r.Account(), expires})
	if err != nil {
		panic(err) // two strings and a time
	}
	claims := base64.RawURLEncoding.EncodeToString(text)
	return claims + "." + base64.RawURLEncoding.EncodeToString(r.c.sign("password", claims)), expires
}

// Login returns the registry that a password was made for.
func (c *Catalog) Login(password string) (*Registry, error) {
	claims, mac, _ := strings.Cut(password, ".")
	given, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(given, c.sign("password", claims)) {
		return nil, ErrPasswordInvalid
	}
	text, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil {
		return nil, ErrPasswordInvalid
	}
	var is passwordClaims
	if json.Unmarshal(text, &is) != nil || is.Account != c.account {
		return nil, ErrPasswordInvalid
	}
	if !c.now().Before(is.Expires) {
		return nil, ErrPasswordExpired
	}
	return c.Registry(is.Region)
}
