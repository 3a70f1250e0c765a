package s3

import (
	"crypto/rand"
	"net/http"
)

const maxRules = 1000

// The documents of PutBucketLifecycleConfiguration, under the API's own names. Transitions, dates and filters other
// than by prefix are refused: see refusedElements.
type lifecycleConfiguration struct {
	Rule []lifecycleRule
}

type lifecycleRule struct {
	ID         string
	Prefix     *string
	Filter     *struct{ Prefix *string }
	Status     string
	Expiration *expiration
	Noncurrent *noncurrent `xml:"NoncurrentVersionExpiration"`
	Abort      *abortRule  `xml:"AbortIncompleteMultipartUpload"`
}

type expiration struct {
	Days                      *int
	ExpiredObjectDeleteMarker *bool
}

type noncurrent struct {
	NewerNoncurrentVersions *int
	NoncurrentDays          *int
}

type abortRule struct {
	DaysAfterInitiation *int
}

// lifecycleSetting keeps the rules. Nothing executes them.
var lifecycleSetting = &setting[lifecycleConfiguration]{
	root:    "LifecycleConfiguration",
	load:    func(b *bucketRecord) *lifecycleConfiguration { return b.Lifecycle },
	save:    func(b *bucketRecord, c *lifecycleConfiguration) { b.Lifecycle = c },
	check:   checkLifecycle,
	missing: errNoLifecycle,
	status:  http.StatusOK,
}

// checkLifecycle applies the rules of the API Reference, "PutBucketLifecycleConfiguration", and names the rules that
// have no name.
func checkLifecycle(r *request, c *lifecycleConfiguration) error {
	if err := requireSum(r.Header); err != nil {
		return err
	}
	if len(c.Rule) == 0 || len(c.Rule) > maxRules {
		return errMalformedXML
	}
	seen := map[string]bool{}
	for i := range c.Rule {
		rule := &c.Rule[i]
		if rule.ID == "" {
			rule.ID = rand.Text()
		}
		if len(rule.ID) > 255 || seen[rule.ID] {
			const wrong = "Rule ID must be unique. Found same ID for more than one rule, or one of more than 255 characters"
			return errInvalidArgument.says(wrong).with("ArgumentName", "ID")
		}
		seen[rule.ID] = true
		if err := rule.check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *lifecycleRule) check() error {
	var days []*int
	e, n, a := r.Expiration, r.Noncurrent, r.Abort
	switch {
	case r.Status != "Enabled" && r.Status != "Disabled", (r.Prefix == nil) == (r.Filter == nil):
		return errMalformedXML
	case e == nil && n == nil && a == nil:
		return errInvalidRequest.says("At least one action needs to be specified in a rule")
	case e != nil && (e.Days == nil) == (e.ExpiredObjectDeleteMarker == nil):
		return errMalformedXML
	case e != nil && e.Days != nil:
		days = append(days, e.Days)
	}
	if n != nil {
		days = append(days, n.NoncurrentDays)
	}
	if a != nil {
		days = append(days, a.DaysAfterInitiation)
	}
	for _, d := range days {
		if d == nil {
			return errMalformedXML
		}
		if *d <= 0 {
			return errInvalidArgument.says("Days for lifecycle actions must be a positive integer")
		}
	}
	return nil
}

// requireSum refuses a request that does not prove its body: S3 insists where a slip deletes data.
func requireSum(h http.Header) error {
	sum, err := headerChecksum(h)
	if err == nil && sum.Algorithm == "" && h.Get("Content-MD5") == "" {
		err = errInvalidRequest.says("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	return err
}
