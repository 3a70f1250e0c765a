package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const previewPage = 100 // images on a page of a preview, by default and at most (botocore ecr/2015-09-21)

// PreviewQuery narrows the results of a preview. Its zero value is the first page of all.
type PreviewQuery struct {
	IDs       []ImageID // nil for all
	TagStatus string    // as in [Filter]
	Page      Page      // 1 to 100 images; only without IDs
}

// Preview returns the last preview, with its results oldest image first once it is complete.
func (r *Registry) Preview(repository string, q PreviewQuery) (p Preview, out []Previewed, next string, err error) {
	f := Filter{TagStatus: q.TagStatus}
	if err := f.complete(); err != nil {
		return p, nil, "", err
	}
	if _, _, err := (Page{Max: q.Page.Max}).openWithin(r, "", previewPage, previewPage); err != nil {
		return p, nil, "", err
	}
	if q.IDs != nil {
		if err := checkIDs(q.IDs); err != nil {
			return p, nil, "", err
		}
	}
	err = r.view(repository, func(rp *repo) error {
		if p, err = rp.preview(); err != nil {
			return err
		}
		if p.ID == "" {
			return refuse("LifecyclePolicyPreviewNotFoundException",
				"Lifecycle policy preview does not exist for the repository with name '%s' in the registry with id '%s'", repository, r.Account())
		}
		out, next, err = rp.previewed(p, q, f)
		return err
	})
	return p, out, next, err
}

func (rp *repo) previewed(p Preview, q PreviewQuery, f Filter) (out []Previewed, next string, err error) {
	query := strings.Join([]string{"preview", p.ID, f.TagStatus}, "\x00")
	after, limit, err := q.Page.openWithin(rp.Registry, query, previewPage, previewPage)
	if err != nil || p.Status != PreviewComplete {
		return nil, "", err
	}
	last := ""
	for key, raw := range keysAfter(rp.in(bucketPreview), after) {
		var one Previewed
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, "", fmt.Errorf("reading a preview: %w", err)
		}
		if !f.admits(&Image{Status: Active, Tags: one.Tags}) || q.IDs != nil && !slices.ContainsFunc(q.IDs, one.is) {
			continue
		}
		if len(out) == limit {
			return out, q.Page.next(rp.Registry, query, last), nil
		}
		out, last = append(out, one), string(key)
	}
	return out, "", nil
}

func (one Previewed) is(id ImageID) bool {
	return (id.Digest == "" || id.Digest == one.Digest) && (id.Tag == "" || slices.Contains(one.Tags, id.Tag)) && id != ImageID{}
}
