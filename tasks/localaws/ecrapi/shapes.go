package ecrapi

import (
	"strconv"
	"time"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// epoch is a time as AWS JSON 1.1 writes it: seconds with a fraction. The zero time is 0, where omitzero does not leave
// it out.
type epoch struct{ time.Time }

func (e epoch) MarshalJSON() ([]byte, error) {
	if e.IsZero() {
		return []byte("0.0"), nil
	}
	return strconv.AppendFloat(nil, float64(e.UnixMilli())/1000, 'f', 3, 64), nil
}

type imageID struct {
	ImageDigest string `json:"imageDigest,omitempty"`
	ImageTag    string `json:"imageTag,omitempty"`
}

func (id imageID) catalog() catalog.ImageID {
	return catalog.ImageID{Digest: id.ImageDigest, Tag: id.ImageTag}
}

func imageIDOf(id catalog.ImageID) imageID { return imageID{id.Digest, id.Tag} }

func catalogIDs(ids []imageID) []catalog.ImageID { return each(ids, imageID.catalog) }

type imageFailure struct {
	ImageID       imageID `json:"imageId"`
	FailureCode   string  `json:"failureCode"`
	FailureReason string  `json:"failureReason"`
}

func imageFailureOf(f catalog.Failure) imageFailure {
	return imageFailure{imageIDOf(f.ID), f.Code, f.Reason}
}

// each maps a list; the result is never nil, so that it is written as [].
func each[A, B any](list []A, fn func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, one := range list {
		out = append(out, fn(one))
	}
	return out
}

type imageFilter struct {
	TagStatus   string `json:"tagStatus"`
	ImageStatus string `json:"imageStatus"`
}

func (f imageFilter) catalog() catalog.Filter {
	return catalog.Filter{TagStatus: f.TagStatus, Status: f.ImageStatus}
}

// paged is embedded in the inputs of lists.
type paged struct {
	NextToken  string `json:"nextToken"`
	MaxResults *int   `json:"maxResults"`
}

func (p paged) page() (catalog.Page, error) {
	page := catalog.Page{Token: p.NextToken}
	if p.MaxResults == nil {
		return page, nil
	}
	if *p.MaxResults < 1 {
		return page, catalog.Invalid("maxResults", "Member must have value greater than or equal to 1")
	}
	page.Max = *p.MaxResults
	return page, nil
}

// alone refuses paging together with a list of what is wanted (API Reference, ListImages).
func (p paged) alone(with string) error {
	if p.MaxResults != nil {
		return catalog.Invalid("maxResults", "Member must be null when '%s' is specified", with)
	}
	if p.NextToken != "" {
		return catalog.Invalid("nextToken", "Member must be null when '%s' is specified", with)
	}
	return nil
}
