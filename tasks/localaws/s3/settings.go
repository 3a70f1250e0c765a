package s3

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	versioningEnabled   = "Enabled"
	versioningSuspended = "Suspended"

	bucketOwnerEnforced = "BucketOwnerEnforced" // ACLs are off

	maxTags     = 50
	maxTagKey   = 128 // characters
	maxTagValue = 256
)

// versioningSetting is an empty document for a bucket that never had versioning. It can be suspended, not deleted.
var versioningSetting = &setting[versioningConfiguration]{
	root:   "VersioningConfiguration",
	load:   func(b *bucketRecord) *versioningConfiguration { return &versioningConfiguration{b.Versioning} },
	save:   func(b *bucketRecord, c *versioningConfiguration) { b.Versioning = c.Status },
	check:  checkVersioning,
	status: http.StatusOK,
}

type versioningConfiguration struct {
	Status string `xml:",omitempty"`
}

func checkVersioning(_ *request, c *versioningConfiguration) error {
	if c.Status != versioningEnabled && c.Status != versioningSuspended {
		return errMalformedXML
	}
	return nil
}

var publicAccessSetting = &setting[publicAccessBlock]{
	root:    "PublicAccessBlockConfiguration",
	load:    func(b *bucketRecord) *publicAccessBlock { return b.PublicAccess },
	save:    func(b *bucketRecord, c *publicAccessBlock) { b.PublicAccess = c },
	check:   func(*request, *publicAccessBlock) error { return nil },
	missing: errNoPublicAccess,
	status:  http.StatusOK,
}

// publicAccessBlock has four switches; one that is left out of a document is off.
type publicAccessBlock struct {
	BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
}

var ownershipSetting = &setting[ownershipControls]{
	root:    "OwnershipControls",
	load:    func(b *bucketRecord) *ownershipControls { return b.Ownership },
	save:    func(b *bucketRecord, c *ownershipControls) { b.Ownership = c },
	check:   checkOwnership,
	missing: errNoOwnership,
	status:  http.StatusOK,
}

type ownershipControls struct {
	Rule []ownershipRule
}

type ownershipRule struct{ ObjectOwnership string }

func checkOwnership(_ *request, c *ownershipControls) error {
	known := []string{bucketOwnerEnforced, "BucketOwnerPreferred", "ObjectWriter"}
	if len(c.Rule) != 1 || !slices.Contains(known, c.Rule[0].ObjectOwnership) {
		return errMalformedXML
	}
	return nil
}

var taggingSetting = &setting[tagging]{
	root: "Tagging",
	load: func(b *bucketRecord) *tagging {
		if len(b.Tags) == 0 {
			return nil
		}
		return &tagging{tagSet{b.Tags}}
	},
	save: func(b *bucketRecord, c *tagging) {
		if b.Tags = nil; c != nil {
			b.Tags = c.TagSet.Tag
		}
	},
	check:   func(_ *request, c *tagging) error { return checkTags(c.TagSet.Tag) },
	missing: errNoTags,
	status:  http.StatusNoContent,
}

type tagging struct{ TagSet tagSet }

type tagSet struct{ Tag []tag }

type tag struct{ Key, Value string }

// checkTags applies the rules of the User Guide, "Using cost allocation S3 bucket tags".
func checkTags(tags []tag) error {
	if len(tags) > maxTags {
		return newError(400, "BadRequest", "").says("The number of tags cannot be greater than %d", maxTags)
	}
	seen := map[string]bool{}
	for _, t := range tags {
		wrong := ""
		switch {
		case t.Key == "" || utf8.RuneCountInString(t.Key) > maxTagKey:
			wrong = "The TagKey you have provided is invalid"
		case utf8.RuneCountInString(t.Value) > maxTagValue:
			wrong = "The TagValue you have provided is invalid"
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			wrong = "System tags cannot be added/updated by requester"
		case seen[t.Key]:
			wrong = "Cannot provide multiple Tags with the same key"
		}
		if wrong != "" {
			return errInvalidTag.says("%s", wrong).with("TagKey", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}
