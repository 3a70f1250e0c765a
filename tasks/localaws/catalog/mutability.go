package catalog

import (
	"regexp"
	"slices"
	"strings"
)

// Mutability says which tags may be moved to another image.
type Mutability struct {
	Mode    string   // MUTABLE, IMMUTABLE, and either with _WITH_EXCLUSION
	Filters []string `json:",omitempty"` // wildcards of the tags that the exclusion is about
}

// SetMutability replaces a repository's tag mutability. Tags that exist stay where they are.
func (r *Registry) SetMutability(repository string, m Mutability) error {
	if err := CheckRepositoryName(repository); err != nil {
		return err
	}
	if err := m.complete(); err != nil {
		return err
	}
	return r.update(repository, func(rp *repo) error {
		rp.info.Mutability = m
		return nil
	})
}

// immutable reports whether a tag, once given, stays with its image.
func (m Mutability) immutable(tag string) bool {
	excluded := slices.ContainsFunc(m.Filters, func(filter string) bool { return matchWildcard(filter, tag) })
	switch m.Mode {
	case "IMMUTABLE":
		return true
	case "IMMUTABLE_WITH_EXCLUSION":
		return !excluded
	case "MUTABLE_WITH_EXCLUSION":
		return excluded
	}
	return false
}

func (m *Mutability) complete() error {
	const filters = "imageTagMutabilityExclusionFilters"
	if m.Mode == "" {
		m.Mode = "MUTABLE"
	}
	switch m.Mode {
	case "MUTABLE", "IMMUTABLE":
		if len(m.Filters) > 0 {
			return Invalid(filters, "ImageTagMutabilityExclusionFilters must be null when imageTagMutability is set as %s", m.Mode)
		}
	case "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION":
		if len(m.Filters) == 0 {
			return Invalid(filters, "ImageTagMutabilityExclusionFilters can't be null when imageTagMutability is set as %s", m.Mode)
		}
	default:
		return Invalid("imageTagMutability",
			"Member must satisfy enum value set: [IMMUTABLE, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION]")
	}
	if len(m.Filters) > 5 {
		return Invalid(filters, "Member must have length less than or equal to 5")
	}
	for _, filter := range m.Filters {
		if err := checkFilter(filter); err != nil {
			return err
		}
	}
	return nil
}

var exclusionFilter = regexp.MustCompile(`^[0-9a-zA-Z._*-]{1,128}$`)

func checkFilter(filter string) error {
	const parameter = "imageTagMutabilityExclusionFilters"
	if !exclusionFilter.MatchString(filter) {
		return Invalid(parameter, "Member must satisfy regular expression pattern: %s", exclusionFilter)
	}
	if strings.Count(filter, "*") > 2 {
		return Invalid(parameter, "Filter '%s' must not have more than 2 wildcards", filter)
	}
	return nil
}
