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
	Caller  Caller    `json:"caller"`
	Expires time.Time `json:"expires"`
}

// Password makes a password for a caller of the registry. It needs no store: it says whose it is, and is signed with the
// store's secret.
func (r *Registry) Password(who Caller) (password string, expires time.Time) {
	expires = r.c.now().Add(passwordLife).UTC()
	text, err := json.Marshal(passwordClaims{r.region, who, expires})
	if err != nil {
		panic(err) // strings and a time
	}
	claims := base64.RawURLEncoding.EncodeToString(text)
	return claims + "." + base64.RawURLEncoding.EncodeToString(r.c.sign("password", claims)), expires
}

// Login returns the region and the caller that a password was made for, in this account.
func (c *Catalog) Login(password string) (region string, who Caller, err error) {
	claims, mac, _ := strings.Cut(password, ".")
	given, err := base64.RawURLEncoding.DecodeString(mac)
	is := claimed(claims)
	switch {
	case err != nil || !hmac.Equal(given, c.sign("password", claims)) || is.Caller.Account != c.account:
		return "", Caller{}, ErrPasswordInvalid
	case !c.now().Before(is.Expires):
		return "", Caller{}, ErrPasswordExpired
	}
	return is.Region, is.Caller, nil
}

// Issuer is the account that a password says it is of. Whether that is true, [Catalog.Login] of the account knows.
func Issuer(password string) string {
	claims, _, _ := strings.Cut(password, ".")
	return claimed(claims).Caller.Account
}

// claimed is what a password says; nothing for what is none.
func claimed(claims string) (is passwordClaims) {
	text, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil || json.Unmarshal(text, &is) != nil {
		return passwordClaims{}
	}
	return is
}
