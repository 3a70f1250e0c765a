package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type startPreviewInput struct {
	target
	Text *string `json:"lifecyclePolicyText"`
}

type startPreviewOutput struct {
	echo
	Text   string `json:"lifecyclePolicyText"`
	Status string `json:"status"`
}

func startLifecyclePolicyPreview(c call, in startPreviewInput) (out startPreviewOutput, err error) {
	text := ""
	if in.Text != nil {
		policy, err := catalog.ParseLifecycle(*in.Text)
		if err != nil {
			return out, err
		}
		text = policy.Text
	}
	p, err := c.StartPreview(in.RepositoryName, text)
	return startPreviewOutput{c.echo(in.target), p.Text, p.Status}, err
}

type getPreviewInput struct {
	target
	ImageIDs *[]strictID `json:"imageIds"`
	paged
	Filter struct {
		TagStatus string `json:"tagStatus"`
	} `json:"filter"`
}

// strictID is an id of which a tag that cannot be one is refused; the other operations look it up, or list it as
// failed.
type strictID struct {
	ImageDigest string  `json:"imageDigest"`
	ImageTag    *string `json:"imageTag"`
}

func strictIDs(ids []strictID) ([]catalog.ImageID, error) {
	out := []catalog.ImageID{}
	for _, id := range ids {
		one := catalog.ImageID{Digest: id.ImageDigest}
		if id.ImageTag != nil {
			one.Tag = *id.ImageTag
			if err := catalog.CheckTag(one.Tag); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

type getPreviewOutput struct {
	startPreviewOutput
	NextToken string          `json:"nextToken,omitempty"`
	Results   []previewResult `json:"previewResults"`
	Summary   *previewSummary `json:"summary,omitempty"`
}

type previewResult struct {
	Tags         []string      `json:"imageTags,omitempty"`
	Digest       string        `json:"imageDigest"`
	PushedAt     epoch         `json:"imagePushedAt"`
	Action       previewAction `json:"action"`
	Priority     int           `json:"appliedRulePriority"`
	StorageClass string        `json:"storageClass"` // the image's before the action
}

type previewAction struct {
	Type   string `json:"type"`
	Target string `json:"targetStorageClass,omitempty"`
}

type previewSummary struct {
	Expiring      int             `json:"expiringImageTotalCount"`
	Transitioning []transitioning `json:"transitioningImageTotalCounts,omitempty"`
}

type transitioning struct {
	Target string `json:"targetStorageClass"`
	Count  int    `json:"imageTotalCount"`
}

func getLifecyclePolicyPreview(c call, in getPreviewInput) (out getPreviewOutput, err error) {
	query := catalog.PreviewQuery{TagStatus: in.Filter.TagStatus}
	if in.ImageIDs != nil {
		if err := in.alone("imageIds"); err != nil {
			return out, err
		}
		if query.IDs, err = strictIDs(*in.ImageIDs); err != nil {
			return out, err
		}
	}
	if query.Page, err = in.page(); err != nil {
		return out, err
	}
	p, found, next, err := c.Preview(in.RepositoryName, query)
	if err != nil {
		return out, err
	}
	out = getPreviewOutput{startPreviewOutput: startPreviewOutput{c.echo(in.target), p.Text, p.Status}, NextToken: next}
	out.Results = each(found, previewResultOf)
	if p.Status == catalog.PreviewComplete {
		out.Summary = &previewSummary{Expiring: p.Expiring}
		if p.Archiving > 0 {
			out.Summary.Transitioning = []transitioning{{catalog.ArchiveClass, p.Archiving}}
		}
	}
	return out, nil
}

func previewResultOf(is catalog.Previewed) previewResult {
	out := previewResult{
		Tags: is.Tags, Digest: is.Digest, PushedAt: epoch{is.PushedAt}, Action: previewAction{Type: "EXPIRE"},
		Priority: is.Priority, StorageClass: catalog.StandardClass,
	}
	if is.Archived {
		out.StorageClass = catalog.ArchiveClass
	}
	if !is.Expire {
		out.Action = previewAction{"TRANSITION", catalog.ArchiveClass}
	}
	return out
}
