package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type putImageInput struct {
	target
	Manifest  string `json:"imageManifest" is:"required"`
	MediaType string `json:"imageManifestMediaType"`
	Tag       string `json:"imageTag" is:"filled"`
	Digest    string `json:"imageDigest"`
}

type putImageOutput struct {
	Image image `json:"image"`
}

func putImage(c call, in putImageInput) (out putImageOutput, err error) {
	put, err := c.PutImage(in.RepositoryName, catalog.Push{
		Manifest: []byte(in.Manifest), MediaType: in.MediaType, Tag: in.Tag, Digest: in.Digest,
	})
	if err != nil {
		return out, err
	}
	id := catalog.ImageID{Digest: put.Image.Digest, Tag: in.Tag}
	if put.Unchanged {
		return out, c.AlreadyExists(in.RepositoryName, id)
	}
	return putImageOutput{image{c.echo(in.target), imageIDOf(id), in.Manifest, put.Image.MediaType}}, nil
}
