package catalog

import (
	"fmt"
	"strings"
	"time"
)

// Storage classes, as UpdateImageStorageClass names them.
const (
	StandardClass = "STANDARD"
	ArchiveClass  = "ARCHIVE"
)

// restoreTime is how long an image takes to come back from the archive: the most that the user guide says
// (archive_restore_image). Pushing it again brings it back at once.
const restoreTime = 20 * time.Minute

// SetStorageClass archives an image, or begins to bring it back, and returns it as it then is. ECR documents no case of
// its ImageStorageClassUpdateNotSupportedException; here it is for images that are in the class already, and for those
// that an active index needs.
func (r *Registry) SetStorageClass(repository string, id ImageID, class string) (Image, error) {
	if err := checkImageID(id); err != nil {
		return Image{}, err
	}
	if class != StandardClass && class != ArchiveClass {
		return Image{}, Invalid("targetStorageClass", "Member must satisfy enum value set: [STANDARD, ARCHIVE]")
	}
	if err := r.settle(repository); err != nil {
		return Image{}, err
	}
	var out Image
	err := r.update(repository, func(rp *repo) error {
		img, err := rp.find(id)
		if err != nil {
			return err
		}
		if img == nil {
			return r.imageNotFound(repository, id)
		}
		now := r.c.now()
		switch {
		case class == ArchiveClass && img.Status == Active:
			if err := rp.needless(img); err != nil {
				return err
			}
			err = rp.archive(img, now)
		case class == StandardClass && img.Status == Archived:
			img.Status, img.ActivatedAt = Activating, now.Add(restoreTime).UTC()
			err = rp.save(img)
		default:
			return notMovable(img, fmt.Sprintf("its status is %s", img.Status))
		}
		out = *img
		return err
	})
	return out, err
}

func (rp *repo) archive(img *Image, now time.Time) error {
	img.Status, img.ArchivedAt = Archived, now.UTC()
	return rp.save(img)
}

// needless refuses to archive an image that an active index names.
func (rp *repo) needless(img *Image) error {
	kept, err := rp.kept(img, false)
	if err != nil || !kept {
		return err
	}
	return notMovable(img, "it is referenced by manifest list: ["+strings.Join(related(rp.in(bucketPins), img.Digest, 100), ", ")+"]")
}

// kept reports whether an index keeps an image from expiring or, while the index is active, from being archived.
func (rp *repo) kept(img *Image, expire bool) (bool, error) {
	for _, index := range related(rp.in(bucketPins), img.Digest, maxImages) {
		parent, err := rp.image(index)
		if err != nil {
			return false, err
		}
		if expire || parent.Status == Active {
			return true, nil
		}
	}
	return false, nil
}

func notMovable(img *Image, why string) *Error {
	return refuse("ImageStorageClassUpdateNotSupportedException",
		"The requested storage class update is not supported for the image with digest '%s': %s", img.Digest, why)
}
