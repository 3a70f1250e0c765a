package catalog

import "encoding/json"

// twins are the media types of Docker and of OCI for the same thing.
var twins = [][2]string{
	{DockerManifest, OCIManifest},
	{"application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json"},
	{"application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"},
	{"application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.oci.image.layer.v1.tar+gzip"},
	{"application/vnd.docker.image.rootfs.diff.tar.zstd", "application/vnd.oci.image.layer.v1.tar+zstd"},
	{
		"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
	},
}

// twin returns the other format's media type, "" when there is none.
func twin(mediaType string) string {
	for _, both := range twins {
		switch mediaType {
		case both[0]:
			return both[1]
		case both[1]:
			return both[0]
		}
	}
	return ""
}

// converted returns an image's manifest in the other format, Docker's or OCI's, with another digest under which nobody
// can pull it. Its media type is "" for what has no such format: an artifact, or an index.
func (m Manifest) converted() Manifest {
	type part struct {
		MediaType string   `json:"mediaType"`
		Size      int64    `json:"size"`
		Digest    string   `json:"digest"`
		URLs      []string `json:"urls,omitempty"`
	}
	var out struct {
		SchemaVersion int    `json:"schemaVersion"`
		MediaType     string `json:"mediaType"`
		Config        part   `json:"config"`
		Layers        []part `json:"layers"`
	}
	out.Layers = []part{}
	if json.Unmarshal(m.Raw, &out) != nil {
		return Manifest{}
	}
	out.MediaType, out.Config.MediaType = twin(m.MediaType), twin(out.Config.MediaType)
	complete := out.Config.MediaType != ""
	for i := range out.Layers {
		out.Layers[i].MediaType = twin(out.Layers[i].MediaType)
		complete = complete && out.Layers[i].MediaType != ""
	}
	raw, err := json.Marshal(out)
	if err != nil || !complete {
		return Manifest{}
	}
	return Manifest{Digest(raw), out.MediaType, raw}
}
