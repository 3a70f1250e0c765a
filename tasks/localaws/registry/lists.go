package registry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

const defaultPage = 100 // as in ECR

// page reads n and last. ECR answers 405 to an n that its own API would not take.
func (q request) page() (last string, n int, err error) {
	n = defaultPage
	if text := q.query.Get("n"); text != "" {
		if n, err = strconv.Atoi(text); err != nil || n < 0 {
			return "", 0, fault{http.StatusBadRequest, "UNSUPPORTED", fmt.Sprintf("n is %q, not how many names to list", text)}
		}
	}
	return q.query.Get("last"), n, nil
}

func listTags(q request) error {
	last, n, err := q.page()
	if err != nil {
		return err
	}
	tags, more, err := q.Tags(q.name, last, max(n, 1))
	if err != nil {
		return as(q.nameInvalid(err), "InvalidParameterException", fault{http.StatusMethodNotAllowed, "UNSUPPORTED", ""})
	}
	if n == 0 {
		tags, more = nil, false // the specification: n=0 is an empty list
	}
	if more {
		q.link(tags[len(tags)-1], n)
	}
	return q.json("application/json", map[string]any{"name": q.name, "tags": append([]string{}, tags...)})
}

func repositories(q request) error {
	last, n, err := q.page()
	if err != nil {
		return err
	}
	if n < 1 {
		return fault{http.StatusMethodNotAllowed, "UNSUPPORTED", "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value greater than or equal to 1'"}
	}
	names, more, err := q.RepositoryNames(last, n)
	if err != nil {
		return as(err, "InvalidParameterException", fault{http.StatusMethodNotAllowed, "UNSUPPORTED", ""})
	}
	if more {
		q.link(names[len(names)-1], n)
	}
	return q.json("application/json", map[string]any{"repositories": append([]string{}, names...)})
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
		out.Manifests = append(out.Manifests, descriptor{one.MediaType, one.Digest, one.ManifestSize, one.ArtifactType, one.Annotations})
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
