package s3

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

const (
	maxBucketTags = 50
	maxObjectTags = 10
	maxTagKey     = 128 // characters
	maxTagValue   = 256
)

type tag struct{ Key, Value string }

type tagging struct {
	TagSet struct{ Tag []tag } // a struct, so that an empty set is an empty element
}

func tagDocument(tags []tag) (d tagging) {
	d.TagSet.Tag = tags
	return d
}

// checkTags applies the rules of the User Guide, "Categorizing your objects using tags".
func checkTags(tags []tag, most int) error {
	if len(tags) > most {
		return newError(400, "BadRequest", "").says("The number of tags cannot be greater than %d", most)
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "" || utf8.RuneCountInString(t.Key) > maxTagKey:
			return errInvalidTag.says("The TagKey you have provided is invalid").with("TagKey", t.Key)
		case utf8.RuneCountInString(t.Value) > maxTagValue:
			return errInvalidTag.says("The TagValue you have provided is invalid").with("TagKey", t.Key).with("TagValue", t.Value)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return errInvalidTag.says("System tags cannot be added/updated by requester").with("TagKey", t.Key)
		case seen[t.Key]:
			return errInvalidTag.says("Cannot provide multiple Tags with the same key").with("TagKey", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

func (s *server) getBucketTags(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	if len(b.Tags) == 0 {
		return errNoTags.with("BucketName", r.bucket)
	}
	return respond(w, "Tagging", tagDocument(b.Tags))
}

func (s *server) putBucketTags(w http.ResponseWriter, r *request) error {
	var c tagging
	if err := readXML(r, "Tagging", &c); err != nil {
		return err
	}
	if err := checkTags(c.TagSet.Tag, maxBucketTags); err != nil {
		return err
	}
	return s.setBucketTags(w, r, c.TagSet.Tag)
}

func (s *server) deleteBucketTags(w http.ResponseWriter, r *request) error {
	return s.setBucketTags(w, r, nil)
}

func (s *server) setBucketTags(w http.ResponseWriter, r *request, tags []tag) error {
	err := s.change(r.bucket, func(b *bucketRecord) error {
		b.Tags = tags
		return nil
	})
	if err != nil {
		return err
	}
	return noContent(w)
}
