package registry

import (
	"errors"
	"fmt"
	"net/http"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

var errNoCredentials = errors.New("no basic auth credentials")

// login returns the registry that the request's password was made for.
func (s *Server) login(r *http.Request) (*catalog.Registry, error) {
	user, password, ok := r.BasicAuth()
	if !ok {
		return nil, errNoCredentials
	}
	if user != "AWS" {
		return nil, catalog.ErrPasswordInvalid
	}
	return s.catalog.Login(password)
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, host string, err error) {
	is := faultOf(err, r.Method)
	switch {
	case errors.Is(err, errNoCredentials):
		w.Header().Set("Www-Authenticate", fmt.Sprintf(`Basic realm="http://%s/",service="ecr.amazonaws.com"`, host))
		if s.dialect == dialectECR { // https://wom.icu/today-i-learned/2023-09-11
			http.Error(w, "Not Authorized", http.StatusUnauthorized)
			return
		}
		is = fault{http.StatusUnauthorized, "UNAUTHORIZED", "no basic auth credentials"}
	case errors.Is(err, catalog.ErrPasswordInvalid):
		is = fault{http.StatusForbidden, "DENIED", "Your Authorization Token is invalid."}
		if s.dialect == dialectECR {
			is.status = http.StatusBadRequest // aws/aws-cli #5317
		}
	case errors.Is(err, catalog.ErrPasswordExpired):
		is = fault{http.StatusForbidden, "DENIED", "Your authorization token has expired. Reauthenticate and try again."}
	case is.status == http.StatusInternalServerError && r.Context().Err() == nil: // else the client went away
		s.log("answering %s %s: %v", r.Method, r.URL.Path, err)
	}
	is.write(w, r)
}
