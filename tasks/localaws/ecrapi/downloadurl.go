package ecrapi

import "envoy-proxy-poc/tasks/localaws/registry"

type downloadURLInput struct {
	target
	Digest string `json:"layerDigest"`
}

type downloadURLOutput struct {
	URL    string `json:"downloadUrl"`
	Digest string `json:"layerDigest"`
}

func getDownloadURLForLayer(c call, in downloadURLInput) (out downloadURLOutput, err error) {
	signed, err := c.SignDownload(in.RepositoryName, in.Digest)
	if err != nil {
		return out, err
	}
	return downloadURLOutput{"http://" + c.signed.Host + registry.DownloadURL(signed), in.Digest}, nil
}
