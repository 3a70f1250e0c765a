package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type describeImagesInput struct {
	target
	ImageIDs *[]imageID `json:"imageIds"`
	paged
	Filter imageFilter `json:"filter"`
}

type describeImagesOutput struct {
	ImageDetails []imageDetail `json:"imageDetails"`
	NextToken    string        `json:"nextToken,omitempty"`
}

type imageDetail struct {
	echo
	Digest       string   `json:"imageDigest"`
	Tags         []string `json:"imageTags,omitempty"`
	Size         int64    `json:"imageSizeInBytes"`
	PushedAt     epoch    `json:"imagePushedAt"`
	MediaType    string   `json:"imageManifestMediaType"`
	ArtifactType string   `json:"artifactMediaType,omitempty"`
	LastPull     epoch    `json:"lastRecordedPullTime,omitzero"`
	Subject      string   `json:"subjectManifestDigest,omitempty"`
	Status       string   `json:"imageStatus"`
	ArchivedAt   epoch    `json:"lastArchivedAt,omitzero"`
	ActivatedAt  epoch    `json:"lastActivatedAt,omitzero"`
}

func describeImages(c call, in describeImagesInput) (out describeImagesOutput, err error) {
	var images []catalog.Image
	if in.ImageIDs != nil {
		if err := in.alone("imageIds"); err != nil {
			return out, err
		}
		images, err = c.FindImages(in.RepositoryName, catalogIDs(*in.ImageIDs), in.Filter.catalog())
	} else {
		var page catalog.Page
		if page, err = in.page(); err != nil {
			return out, err
		}
		images, out.NextToken, err = c.DescribeImages(in.RepositoryName, in.Filter.catalog(), page)
	}
	out.ImageDetails = each(images, func(img catalog.Image) imageDetail { return detail(c.echo(in.target), img) })
	return out, err
}

func detail(where echo, img catalog.Image) imageDetail {
	out := imageDetail{
		echo: where, Digest: img.Digest, Tags: img.Tags, Size: img.Size, PushedAt: epoch{img.PushedAt},
		MediaType: img.MediaType, ArtifactType: img.ArtifactType, LastPull: epoch{img.LastPull}, Subject: img.Subject,
		Status: img.Status, ArchivedAt: epoch{img.ArchivedAt},
	}
	if img.Status != catalog.Activating {
		out.ActivatedAt = epoch{img.ActivatedAt}
	}
	return out
}
