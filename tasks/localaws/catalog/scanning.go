package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// Values of a scanning configuration.
const (
	BasicScanning    = "BASIC"
	EnhancedScanning = "ENHANCED"

	ScanOnPush     = "SCAN_ON_PUSH"
	ContinuousScan = "CONTINUOUS_SCAN"
	ManualScan     = "MANUAL"
)

// Scanning is the scanning configuration of a registry.
type Scanning struct {
	Type  string // BASIC or ENHANCED; "" is BASIC
	Rules []ScanningRule
}

// ScanningRule says which repositories are scanned when.
type ScanningRule struct {
	Frequency string
	Filters   []string // with wildcards; one without matches every name that it is part of
}

// SetScanOnPush replaces a repository's scanning configuration. It counts as long as the registry's has no rule (API Reference, PutRegistryScanningConfiguration).
func (r *Registry) SetScanOnPush(repository string, on bool) error {
	return r.update(repository, func(rp *repo) error {
		rp.info.ScanOnPush = on
		return nil
	})
}

var keyScanning = []byte("scanning")

// Scanning returns the registry's scanning configuration.
func (r *Registry) Scanning() (out Scanning, err error) {
	err = r.c.db.View(func(tx *bbolt.Tx) error {
		out, err = r.scanning(tx)
		return err
	})
	return out, err
}

func (r *Registry) scanning(tx *bbolt.Tx) (Scanning, error) {
	out := Scanning{Type: BasicScanning}
	b := r.bucket(tx, bucketSettings)
	if b == nil {
		return out, nil
	}
	if err := get(b, keyScanning, &out); err != nil {
		return out, fmt.Errorf("reading the scanning configuration: %w", err)
	}
	return out, nil
}

// SetScanning replaces the registry's scanning configuration, and returns it complete.
func (r *Registry) SetScanning(want Scanning) (Scanning, error) {
	if err := want.complete(); err != nil {
		return Scanning{}, err
	}
	text, err := json.Marshal(want)
	if err != nil {
		return Scanning{}, err
	}
	return want, r.c.batch(func(tx *bbolt.Tx) error {
		b, err := r.makeBucket(tx, bucketSettings)
		if err != nil || bytes.Equal(b.Get(keyScanning), text) {
			return err
		}
		return b.Put(keyScanning, text)
	})
}

// frequencies are those that the API Reference allows a rule, by scan type: RegistryScanningRule.
var frequencies = map[string][]string{
	BasicScanning:    {ScanOnPush},
	EnhancedScanning: {ScanOnPush, ContinuousScan},
}

var scanningFilter = regexp.MustCompile(`^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$`)

func (s *Scanning) complete() error {
	if s.Type == "" {
		s.Type = BasicScanning
	}
	allowed, known := frequencies[s.Type]
	if !known {
		return Invalid("scanType", "Member must satisfy enum value set: [BASIC, ENHANCED]")
	}
	if len(s.Rules) > 2 {
		return Invalid("rules", "Member must have length less than or equal to 2")
	}
	for _, rule := range s.Rules {
		if !slices.Contains(allowed, rule.Frequency) {
			return Invalid("rules.scanFrequency", "With scanType %s, member must satisfy enum value set: [%s]", s.Type, strings.Join(allowed, ", "))
		}
		if len(rule.Filters) > 100 {
			return Invalid("rules.repositoryFilters", "Member must have length less than or equal to 100")
		}
		for _, filter := range rule.Filters {
			if len(filter) > 255 || !scanningFilter.MatchString(filter) {
				return Invalid("rules.repositoryFilters.filter", "must satisfy regular expression '%s'", scanningFilter)
			}
		}
	}
	return nil
}

// frequency is when a repository's images are scanned, and the filters that say so. The registry's rules win over the
// repository's own setting, which only says what happens without any.
func (s Scanning) frequency(repository *Repository) (frequency string, by []string) {
	for _, want := range []string{ContinuousScan, ScanOnPush} {
		for _, rule := range s.Rules {
			if rule.Frequency == want {
				by = append(by, rule.matching(repository.Name)...)
			}
		}
		if len(by) > 0 {
			return want, by
		}
	}
	if len(s.Rules) == 0 && s.Type == BasicScanning && repository.ScanOnPush {
		return ScanOnPush, nil
	}
	return ManualScan, nil
}

func (rule ScanningRule) matching(name string) (out []string) {
	for _, filter := range rule.Filters {
		pattern := filter
		if !strings.Contains(filter, "*") {
			pattern = "*" + filter + "*"
		}
		if matchWildcard(pattern, name) {
			out = append(out, filter)
		}
	}
	return out
}

// RepositoryScanning is what the scanning configurations of registry and repository come to.
type RepositoryScanning struct {
	Name      string
	Frequency string
	Filters   []string // of the registry, that matched
}

// RepositoryScanning says of 1 to 25 repositories when they are scanned, and which of them are not there.
func (r *Registry) RepositoryScanning(names []string) (out []RepositoryScanning, missing []string, err error) {
	if len(names) < 1 || len(names) > 25 {
		return nil, nil, Invalid("repositoryNames", "Member must have length between 1 and 25")
	}
	for _, name := range names {
		err := r.view(name, func(rp *repo) error {
			config, err := r.scanning(rp.tx)
			frequency, filters := config.frequency(&rp.info)
			out = append(out, RepositoryScanning{name, frequency, filters})
			return err
		})
		if isRepositoryNotFound(err) {
			missing = append(missing, name)
		} else if err != nil {
			return nil, nil, err
		}
	}
	return out, missing, nil
}
