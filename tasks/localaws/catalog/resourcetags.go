package catalog

import (
	"maps"
	"regexp"
	"strings"
)

const maxResourceTags = 50

var resourceTagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// ResourceTags returns the tags of the repository that an ARN names.
func (r *Registry) ResourceTags(arn string) (map[string]string, error) {
	var out map[string]string
	err := r.atARN(arn, r.view, func(rp *repo) error {
		out = rp.info.Tags
		return nil
	})
	return out, err
}

// TagResource adds tags to a repository; a key that it has gets the new value.
func (r *Registry) TagResource(arn string, tags map[string]string) error {
	return r.atARN(arn, r.update, func(rp *repo) error {
		if err := checkTags(tags, rp.info.Tags); err != nil {
			return err
		}
		if rp.info.Tags == nil {
			rp.info.Tags = map[string]string{}
		}
		maps.Copy(rp.info.Tags, tags)
		return nil
	})
}

// UntagResource removes tags from a repository. A key that it has not is no error.
func (r *Registry) UntagResource(arn string, keys []string) error {
	return r.atARN(arn, r.update, func(rp *repo) error {
		for _, key := range keys {
			if err := checkTag(key, ""); err != nil {
				return err
			}
			delete(rp.info.Tags, key)
		}
		return nil
	})
}

func (r *Registry) atARN(arn string, enter func(string, func(*repo) error) error, fn func(*repo) error) error {
	name, err := r.nameOf(arn)
	if err != nil {
		return err
	}
	return enter(name, fn)
}

// checkTags checks new tags, and that the old ones leave room for them.
func checkTags(tags, old map[string]string) error {
	for key, value := range tags {
		if err := checkTag(key, value); err != nil {
			return err
		}
	}
	all := maps.Clone(old)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, tags)
	if len(all) > maxResourceTags {
		return refuse("TooManyTagsException", "The list of tags on the repository is over the limit. The maximum number of tags that can be applied to a repository is %d.", maxResourceTags)
	}
	return nil
}

// checkTag follows https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-using-tags.html
func checkTag(key, value string) error {
	switch {
	case key == "" || len([]rune(key)) > 128 || len([]rune(value)) > 256:
		return refuse("InvalidTagParameterException", "Invalid parameter at 'tags' failed to satisfy constraint: 'Tag keys can have a maximum character length of 128 characters, and tag values can have a maximum length of 256 characters.'")
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return refuse("InvalidTagParameterException", "Invalid parameter at 'tags' failed to satisfy constraint: 'Tag keys cannot start with aws:'")
	case !resourceTagText.MatchString(key) || !resourceTagText.MatchString(value):
		return refuse("InvalidTagParameterException", "Invalid parameter at 'tags' failed to satisfy constraint: 'Member must satisfy regular expression pattern: %s'", resourceTagText)
	}
	return nil
}
