package s3

import (
	"crypto/rand"
	"slices"
	"time"
)

const maxRules = 1000

// check applies the rules of the API Reference, "PutBucketLifecycleConfiguration", and names the rules
// that have no name.
func (c *lifecycleConfiguration) check() error {
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
			return errInvalidArgument.says("Rule ID must be unique. Found same ID for more than one rule, or one of more than 255 characters").with("ArgumentName", "ID")
		}
		seen[rule.ID] = true
		if err := rule.check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *lifecycleRule) check() error {
	switch {
	case r.Status != "Enabled" && r.Status != "Disabled":
		return errMalformedXML
	case (r.Prefix == nil) == (r.Filter == nil):
		return errMalformedXML // one of the two, not both
	case r.Filter != nil && r.Filter.count() > 1:
		return errMalformedXML // several predicates need And
	case len(r.Transition)+len(r.Noncurrents) == 0 && r.Expiration == nil && r.Noncurrent == nil && r.Abort == nil:
		return errInvalidRequest.says("At least one action needs to be specified in a rule")
	}
	for _, t := range r.Transition {
		if (t.Date == nil) == (t.Days == nil) || !archive(t.StorageClass) || !midnight(t.Date) {
			return errMalformedXML
		}
	}
	for _, n := range r.Noncurrents {
		if n.NoncurrentDays == nil || !archive(n.StorageClass) {
			return errMalformedXML
		}
	}
	return r.checkExpiry()
}

func (r *lifecycleRule) checkExpiry() error {
	var days []*int
	if e := r.Expiration; e != nil {
		given := 0
		for _, is := range []bool{e.Date != nil, e.Days != nil, e.ExpiredObjectDeleteMarker != nil} {
			if is {
				given++
			}
		}
		if given != 1 || !midnight(e.Date) {
			return errMalformedXML
		}
		days = append(days, e.Days)
	}
	if r.Noncurrent != nil {
		if r.Noncurrent.NoncurrentDays == nil {
			return errMalformedXML
		}
		days = append(days, r.Noncurrent.NoncurrentDays)
	}
	if r.Abort != nil {
		if r.Abort.DaysAfterInitiation == nil {
			return errMalformedXML
		}
		days = append(days, r.Abort.DaysAfterInitiation)
	}
	if slices.ContainsFunc(days, func(d *int) bool { return d != nil && *d <= 0 }) {
		return errInvalidArgument.says("Days for lifecycle actions must be a positive integer")
	}
	return nil
}

func (f *lifecycleFilter) count() (n int) {
	for _, given := range []bool{f.Prefix != nil, f.Tag != nil, f.ObjectSizeGreaterThan != nil, f.ObjectSizeLessThan != nil, f.And != nil} {
		if given {
			n++
		}
	}
	return n
}

func archive(class string) bool {
	return slices.Contains([]string{"STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR"}, class)
}

// midnight reports whether an ISO 8601 date, if there is one, is at midnight UTC.
func midnight(date *string) bool {
	if date == nil {
		return true
	}
	t, err := time.Parse(time.RFC3339, *date)
	return err == nil && t.UTC().Equal(t.UTC().Truncate(24*time.Hour))
}
