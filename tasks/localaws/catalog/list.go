package catalog

import (
	"slices"
	"strings"
)

// Filter narrows a list of images. Its zero value is ECR's default: active images, tagged or not.
type Filter struct {
	TagStatus string // TAGGED, UNTAGGED or ANY; "" is ANY
	Status    string // ACTIVE, ARCHIVED, ACTIVATING or ANY; "" is ACTIVE (API Reference, ListImagesFilter)
}

func (f *Filter) complete() error {
	if f.TagStatus == "" {
		f.TagStatus = "ANY"
	}
	if f.Status == "" {
		f.Status = Active
	}
	if !slices.Contains([]string{"TAGGED", "UNTAGGED", "ANY"}, f.TagStatus) {
		return Invalid("filter.tagStatus", "Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]")
	}
	if !slices.Contains(statuses, f.Status) {
		return Invalid("filter.imageStatus", "Member must satisfy enum value set: [%s]", strings.Join(statuses, ", "))
	}
	return nil
}

func (f Filter) admits(img *Image) bool {
	if f.Status != "ANY" && f.Status != img.Status {
		return false
	}
	return f.TagStatus == "ANY" || (f.TagStatus == "TAGGED") == (len(img.Tags) > 0)
}

// ListImages returns a page of image ids: one for every tag, and one for every image without a tag (API Reference, ListImages).
func (r *Registry) ListImages(repository string, f Filter, page Page) (out []ImageID, next string, err error) {
	err = r.eachImage("ids", repository, f, page, func(img *Image, after string, limit int) (string, bool) {
		for _, tag := range img.TagsOrNone() {
			if string(pair(img.Digest, tag)) <= after {
				continue
			}
			if len(out) == limit {
				return string(pair(out[limit-1].Digest, out[limit-1].Tag)), false
			}
			out = append(out, ImageID{img.Digest, tag})
		}
		return "", true
	}, &next)
	return out, next, err
}

// TagsOrNone returns the image's tags, or one empty tag for an image without.
func (img *Image) TagsOrNone() []string {
	if len(img.Tags) == 0 {
		return []string{""}
	}
	return img.Tags
}

// DescribeImages returns a page of images, in the order of their digests.
func (r *Registry) DescribeImages(repository string, f Filter, page Page) (out []Image, next string, err error) {
	err = r.eachImage("images", repository, f, page, func(img *Image, after string, limit int) (string, bool) {
		if img.Digest <= after {
			return "", true
		}
		if len(out) == limit {
			return out[limit-1].Digest, false
		}
		out = append(out, *img)
		return "", true
	}, &next)
	return out, next, err
}

// eachImage shows fn the images on and after the page's begin. fn returns false, and the key it stopped behind, when the page is full.
func (r *Registry) eachImage(kind, repository string, f Filter, page Page, fn func(*Image, string, int) (string, bool), next *string) error {
	if err := f.complete(); err != nil {
		return err
	}
	query := strings.Join([]string{kind, repository, f.TagStatus, f.Status}, "\x00")
	after, limit, err := page.open(r, query)
	if err != nil {
		return err
	}
	return r.observe(repository, func(rp *repo) error {
		from, _, _ := strings.Cut(after, "\x00")
		cursor := rp.in(bucketImages).Cursor()
		for k, v := cursor.Seek([]byte(from)); k != nil; k, v = cursor.Next() {
			img, err := rp.readImage(string(k), v)
			if err != nil {
				return err
			}
			if !f.admits(img) {
				continue
			}
			if last, more := fn(img, after, limit); !more {
				*next = page.next(r, query, last)
				return nil
			}
		}
		return nil
	})
}
