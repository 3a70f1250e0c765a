package s3

// The documents of PutBucketLifecycleConfiguration, under the API's own names.

type lifecycleConfiguration struct {
	Rule        []lifecycleRule
	MinimumSize string `xml:"-"`
}

type lifecycleRule struct {
	ID          string
	Prefix      *string
	Filter      *lifecycleFilter
	Status      string
	Transition  []transition
	Expiration  *expiration
	Noncurrent  *noncurrent  `xml:"NoncurrentVersionExpiration"`
	Noncurrents []noncurrent `xml:"NoncurrentVersionTransition"`
	Abort       *abortRule   `xml:"AbortIncompleteMultipartUpload"`
}

type lifecycleFilter struct {
	Prefix                                    *string
	Tag                                       *tag
	ObjectSizeGreaterThan, ObjectSizeLessThan *int64
	And                                       *lifecycleAnd
}

type lifecycleAnd struct {
	Prefix                                    *string
	Tag                                       []tag
	ObjectSizeGreaterThan, ObjectSizeLessThan *int64
}

type transition struct {
	Date         *string
	Days         *int
	StorageClass string
}

type expiration struct {
	Date                      *string
	Days                      *int
	ExpiredObjectDeleteMarker *bool
}

type noncurrent struct {
	NewerNoncurrentVersions *int
	NoncurrentDays          *int
	StorageClass            string `xml:",omitempty"`
}

type abortRule struct {
	DaysAfterInitiation *int
}
