package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type listReferrersInput struct {
	target
	Subject *subject       `json:"subjectId"`
	Filter  referrerFilter `json:"filter"`
	paged
}

type subject struct {
	Digest string `json:"imageDigest"`
}

type referrerFilter struct {
	ArtifactTypes []string `json:"artifactTypes"`
	Status        string   `json:"artifactStatus"`
}

type listReferrersOutput struct {
	Referrers []referrer `json:"referrers"`
	NextToken string     `json:"nextToken,omitempty"`
}

type referrer struct {
	Digest       string            `json:"digest"`
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Size         int64             `json:"size"` // of the manifest, as in a descriptor
	Annotations  map[string]string `json:"annotations,omitempty"`
	Status       string            `json:"artifactStatus"`
}

func listImageReferrers(c call, in listReferrersInput) (out listReferrersOutput, err error) {
	if in.Subject == nil || in.Subject.Digest == "" {
		return out, catalog.Invalid("subjectId.imageDigest", "Member must not be null")
	}
	page, err := in.page()
	if err != nil {
		return out, err
	}
	found, next, err := c.ListReferrers(in.RepositoryName, in.Subject.Digest, in.Filter.catalog(), page)
	return listReferrersOutput{each(found, func(is catalog.Referrer) referrer {
		return referrer{is.Digest, is.MediaType, is.ArtifactType, is.ManifestSize, is.Annotations, is.Status}
	}), next}, err
}

func (f referrerFilter) catalog() catalog.ReferrerFilter {
	return catalog.ReferrerFilter{ArtifactTypes: f.ArtifactTypes, Status: f.Status}
}
