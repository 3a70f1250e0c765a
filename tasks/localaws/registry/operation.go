package registry

import (
	"net/http"
	"slices"
	"strings"
)

// Operation names what a request asks for: its method and what the path is about, as in "PUT manifests"; "" for a path
// that is none of the registry's.
func Operation(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, Downloads) {
		return r.Method + " " + downloadNoun
	}
	for _, one := range routes {
		if one.path.MatchString(r.URL.Path) {
			return r.Method + " " + one.noun
		}
	}
	return ""
}

// Operations are the names of all that the registry answers, sorted.
func Operations() []string {
	names := []string{"GET " + downloadNoun, "HEAD " + downloadNoun}
	for _, one := range routes {
		for method := range one.methods {
			names = append(names, method+" "+one.noun)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Refuse writes an error of somebody else's choice, in the form that this package gives its own.
func Refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	fault{status, code, message}.write(w, r)
}
