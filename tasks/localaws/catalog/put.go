package catalog

import "slices"

// Push is a manifest on its way into a repository.
type Push struct {
	Manifest  []byte
	MediaType string // optional where the manifest names its own
	Tag       string // optional
	Digest    string // optional; refused when it is not the manifest's
}

// Put is what a push came to.
type Put struct {
	Image     Image
	Unchanged bool // the image, with the tag if one was given, was there already
	Fixed     bool // the tag may not be moved any more
}

// PutImage stores a manifest, and points a tag at it. Whether a push that changes nothing is an error is the caller's
// to say: the planes of ECR differ there (aws/containers-roadmap #2380).
func (r *Registry) PutImage(repository string, p Push) (Put, error) {
	if p.Tag != "" {
		if err := CheckTag(p.Tag); err != nil {
			return Put{}, err
		}
	}
	m, err := parseManifest(p.Manifest, p.MediaType)
	if err != nil {
		return Put{}, err
	}
	if p.Digest != "" && p.Digest != m.digest {
		return Put{}, refuse("ImageDigestDoesNotMatchException",
			"The image with digest '%s' in repository '%s' and registry ID '%s' does not match the image digest that Amazon ECR has calculated.",
			p.Digest, repository, r.Account())
	}
	var out Put
	err = r.update(repository, func(rp *repo) (err error) {
		out, err = rp.putImage(m, p.Tag)
		return err
	})
	return out, err
}

func (rp *repo) putImage(m *manifest, tag string) (Put, error) {
	fixed := tag != "" && rp.info.Mutability.immutable(tag)
	if old := rp.tagged(tag); fixed && old != "" && old != m.digest {
		return Put{}, rp.TagIsFixed(rp.info.Name, tag)
	}
	img, err := rp.image(m.digest)
	if err != nil {
		return Put{}, err
	}
	if img != nil && img.Status == Active && (tag == "" || slices.Contains(img.Tags, tag)) {
		return Put{Image: *img, Unchanged: true, Fixed: fixed}, nil
	}
	if img != nil && img.Status != Active { // a push brings an image back from the archive, at once
		img.Status, img.ActivatedAt = Active, rp.c.now().UTC()
	}
	if img == nil {
		if img, err = rp.newImage(m); err != nil {
			return Put{}, err
		}
	}
	if tag != "" {
		if err := rp.addTag(img, tag); err != nil {
			return Put{}, err
		}
	}
	return Put{Image: *img, Fixed: fixed}, rp.save(img)
}

// TagIsFixed is the refusal to move an immutable tag.
func (r *Registry) TagIsFixed(repository, tag string) *Error {
	return refuse("ImageTagAlreadyExistsException",
		"The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.",
		tag, repository)
}

// newImage enters a manifest whose parts are all there.
func (rp *repo) newImage(m *manifest) (*Image, error) {
	if rp.info.Images >= maxImages {
		return nil, refuse("LimitExceededException",
			"The maximum number of images in the repository with name '%s', %d, has been exceeded", rp.info.Name, maxImages)
	}
	size, err := rp.parts(m)
	if err != nil {
		return nil, err
	}
	img := &Image{
		Digest: m.digest, MediaType: m.MediaType, ArtifactType: m.artifact(), Size: size, ManifestSize: int64(len(m.raw)),
		PushedAt: rp.c.now().UTC(), Subject: m.subject(), Children: m.children(), Status: Active,
	}
	if m.Config != nil {
		img.Platform = rp.platform(m.Config.Digest)
	}
	if err := rp.relate(m); err != nil {
		return nil, err
	}
	if err := rp.scanOnPush(img); err != nil {
		return nil, err
	}
	rp.info.Images++
	return img, rp.in(bucketManifests).Put([]byte(m.digest), m.raw)
}
