package registry

import (
	"errors"
	"fmt"
	"net/http"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

var errNoCredentials = errors.New("no basic auth credentials")

// login returns the registry of the region that the request's password was made for, and whom it was made for.
func (s *Server) login(r *http.Request) (*catalog.Registry, catalog.Caller, error) {
	user, password, ok := r.BasicAuth()
	if !ok {
		return nil, catalog.Caller{}, errNoCredentials
	}
	issuer := s.catalog
	if account := catalog.Issuer(password); account != s.catalog.Account() {
		issuer = s.peer(account)
	}
	if user != "AWS" || issuer == nil {
		return nil, catalog.Caller{}, catalog.ErrPasswordInvalid
	}
	region, who, err := issuer.Login(password)
	if err != nil {
		return nil, who, err
	}
	registry, err := s.catalog.Registry(region)
	return registry, who, err
}

// actions are the IAM actions behind requests, by the ECR user guide (private repository policies, image push and
// pull). A token is needed for all of them, and is asked for apart.
var actions = map[string]string{
	"HEAD blobs":       "ecr:BatchCheckLayerAvailability",
	"GET blobs":        "ecr:GetDownloadUrlForLayer",
	"HEAD manifests":   "ecr:BatchGetImage",
	"GET manifests":    "ecr:BatchGetImage",
	"PUT manifests":    "ecr:PutImage",
	"DELETE manifests": "ecr:BatchDeleteImage",
	"POST uploads":     "ecr:InitiateLayerUpload",
	"PATCH uploads":    "ecr:UploadLayerPart",
	"GET uploads":      "ecr:UploadLayerPart",
	"PUT uploads":      "ecr:CompleteLayerUpload",
	"GET tags":         "ecr:ListImages",
	"GET referrers":    "ecr:BatchGetImage", // API Reference, ListImageReferrers
}

// Action is the IAM action behind an [Operation]; "" where none is needed.
func Action(operation string) string { return actions[operation] }

// admit asks the policy of a repository of another account whether the caller may do this. Nobody lists another
// account's repositories.
func (q request) admit(noun string) error {
	if q.who.Account == q.Account() || noun == "v2" {
		return nil
	}
	action := actions[q.r.Method+" "+noun]
	if action == "" {
		return fault{http.StatusForbidden, "DENIED", "Not Authorized"}
	}
	return q.Admit(q.who, action, q.name)
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
