package registry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

const defaultPage = 100 // as in ECR

type lister func(last string, n int) (names []string, more bool, err error)

// list answers a list of names by pages: names gives up to n of those that sort after last, and whether there are more.
// ECR answers 405 to an n that its own API would not take. The specification's n=0 is an empty list.
func (q request) list(member string, body map[string]any, names lister) error {
	unsupported := fault{http.StatusMethodNotAllowed, "UNSUPPORTED", ""}
	n := defaultPage
	if text := q.query.Get("n"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 0 {
			return fault{http.StatusBadRequest, "UNSUPPORTED", fmt.Sprintf("n is %q, not how many names to list", text)}
		}
	}
	last, err := q.last()
	if err != nil {
		return as(err, "InvalidParameterException", unsupported)
	}
	asked := n
	if q.dialect != dialectECR {
		asked = max(n, 1)
	}
	out, more, err := names(last, asked)
	if err != nil {
		return as(q.nameInvalid(err), "InvalidParameterException", unsupported)
	}
	if n == 0 {
		out, more = nil, false
	}
	if more {
		q.link(out[len(out)-1])
	}
	kind := "application/json"
	if q.dialect == dialectECR {
		kind = "text/plain; charset=utf-8"
		slices.Reverse(out) // ECR's lists are in no order
	}
	body[member] = append([]string{}, out...)
	return q.json(kind, body)
}

func listTags(q request) error {
	return q.list("tags", map[string]any{"name": q.name}, func(last string, n int) ([]string, bool, error) {
		return q.Tags(q.name, last, n)
	})
}

func repositories(q request) error {
	return q.list("repositories", map[string]any{}, q.RepositoryNames)
}

// last is the name that the page before ended with. ECR's is opaque, and none that somebody typed is taken
// (CodesWhat/drydock #927).
func (q request) last() (string, error) {
	last := q.query.Get("last")
	if q.dialect != dialectECR || last == "" {
		return last, nil
	}
	return q.OpenName(q.r.URL.Path, last)
}

// link is the header that names the next page. ECR's is absolute (deitch/docker_registry2 #34).
func (q request) link(last string) {
	next := url.URL{Path: q.r.URL.Path}
	if q.dialect == dialectECR {
		next.Scheme, next.Host, last = "http", q.r.Host, q.SealName(q.r.URL.Path, last)
	}
	query := url.Values{"last": {last}}
	if n := q.query.Get("n"); n != "" {
		query.Set("n", n)
	}
	next.RawQuery = query.Encode()
	q.w.Header().Set("Link", "<"+next.String()+`>; rel="next"`)
}

type index struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Manifests     []descriptor `json:"manifests"`
}

type descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// referrers lists the images that name a digest as their subject: all of them, since there are at most 100.
func referrers(q request) error {
	if !catalog.IsDigest(q.ref) {
		return fault{http.StatusBadRequest, "DIGEST_INVALID", "A subject is named by its sha256 digest"}
	}
	var types []string
	if want := q.query.Get("artifactType"); want != "" {
		types = []string{want}
		q.w.Header().Set("OCI-Filters-Applied", "artifactType")
	}
	all, err := q.Referrers(q.name, q.ref, types...)
	if err != nil {
		return q.nameInvalid(err)
	}
	out := index{SchemaVersion: 2, MediaType: catalog.OCIIndex, Manifests: []descriptor{}}
	for _, one := range all {
		out.Manifests = append(out.Manifests,
			descriptor{one.MediaType, one.Digest, one.ManifestSize, one.ArtifactType, one.Annotations})
	}
	return q.json(catalog.OCIIndex, out)
}

func (q request) json(kind string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	q.w.Header().Set("Content-Type", kind)
	q.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, err = q.w.Write(body)
	return clientIsGone(err)
}
