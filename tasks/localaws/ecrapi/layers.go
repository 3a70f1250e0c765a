package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type checkLayersInput struct {
	target
	LayerDigests []string `json:"layerDigests" is:"required"`
}

type checkLayersOutput struct {
	Layers   []layer        `json:"layers"`
	Failures []layerFailure `json:"failures"`
}

type layer struct {
	Digest       string `json:"layerDigest"`
	Availability string `json:"layerAvailability"`
	Size         int64  `json:"layerSize"`
	MediaType    string `json:"mediaType"`
}

type layerFailure struct {
	Digest string `json:"layerDigest"`
	Code   string `json:"failureCode"`
	Reason string `json:"failureReason"`
}

func batchCheckLayerAvailability(c call, in checkLayersInput) (checkLayersOutput, error) {
	there, missing, invalid, err := c.LayerAvailability(in.RepositoryName, in.LayerDigests)
	failures := each(invalid, func(digest string) layerFailure {
		return layerFailure{digest, "InvalidLayerDigest", "Invalid request parameters: layer digest should satisfy the regex 'sha256:[a-f0-9]{64}'"}
	})
	for _, digest := range missing {
		failures = append(failures, layerFailure{digest, "MissingLayerDigest", "Requested layer digest does not exist"})
	}
	return checkLayersOutput{each(there, func(is catalog.AvailableLayer) layer {
		return layer{is.Digest, is.Availability, is.Size, "application/vnd.docker.image.rootfs.diff.tar.gzip"}
	}), failures}, err
}

type initiateUploadOutput struct {
	UploadID string `json:"uploadId"`
	PartSize int64  `json:"partSize"`
}

func initiateLayerUpload(c call, in onRepository) (initiateUploadOutput, error) {
	upload, err := c.StartUpload(in.RepositoryName)
	return initiateUploadOutput{upload.ID, catalog.PartSize}, err
}

type uploadPartInput struct {
	target
	UploadID  string `json:"uploadId" is:"required"`
	FirstByte int64  `json:"partFirstByte" is:"required"`
	LastByte  int64  `json:"partLastByte" is:"required"`
	Part      []byte `json:"layerPartBlob" is:"required"`
}

type uploadPartOutput struct {
	echo
	UploadID         string `json:"uploadId"`
	LastByteReceived int64  `json:"lastByteReceived"`
}

func uploadLayerPart(c call, in uploadPartInput) (out uploadPartOutput, err error) {
	upload, err := c.AppendPart(in.RepositoryName, in.UploadID, in.FirstByte, in.LastByte, in.Part)
	return uploadPartOutput{c.echo(in.target), in.UploadID, upload.Size - 1}, err
}

type completeUploadInput struct {
	target
	UploadID     string   `json:"uploadId" is:"required"`
	LayerDigests []string `json:"layerDigests" is:"required"`
}

type completeUploadOutput struct {
	echo
	UploadID string `json:"uploadId"`
	Digest   string `json:"layerDigest"`
}

func completeLayerUpload(c call, in completeUploadInput) (out completeUploadOutput, err error) {
	if len(in.LayerDigests) != 1 {
		return out, catalog.Invalid("layerDigests", "Member must have exactly one digest, of algorithm sha256")
	}
	made, err := c.CompleteUpload(in.RepositoryName, in.UploadID, in.LayerDigests[0])
	return completeUploadOutput{c.echo(in.target), in.UploadID, made.Digest}, err
}
