package s3

import "net/http"

const (
	versioningEnabled   = "Enabled"
	versioningSuspended = "Suspended"
)

type versioningConfiguration struct {
	Status    string `xml:",omitempty"`
	MfaDelete string `xml:",omitempty"`
}

// getVersioning answers with an empty document for a bucket that never had versioning.
func (s *server) getVersioning(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	return respond(w, "VersioningConfiguration", versioningConfiguration{Status: b.Versioning})
}

// putVersioning enables or suspends versioning; it cannot be taken back altogether.
func (s *server) putVersioning(w http.ResponseWriter, r *request) error {
	var c versioningConfiguration
	if err := readXML(r, "VersioningConfiguration", &c); err != nil {
		return err
	}
	switch {
	case c.MfaDelete == "Enabled":
		return notImplemented("MFA delete")
	case c.MfaDelete != "" && c.MfaDelete != "Disabled":
		return errMalformedXML
	case c.Status != versioningEnabled && c.Status != versioningSuspended:
		return errMalformedXML
	}
	return s.change(r.bucket, func(b *bucketRecord) error {
		b.Versioning = c.Status
		return nil
	})
}
