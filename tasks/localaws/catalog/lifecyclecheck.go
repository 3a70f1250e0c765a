package catalog

import (
	"slices"
	"strings"
)

// minArchived is how many days an image must have been archived before a policy may expire it (user guide, archive-image).
const minArchived = 90

// checkOrder checks the rules, which are in the order of their priority, against each other.
func (p LifecyclePolicy) checkOrder() error {
	for i, rule := range p.Rules {
		for _, later := range p.Rules[i+1:] {
			if rule.Priority == later.Priority {
				return invalidLifecycle("rulePriority %d is given twice", rule.Priority)
			}
			if rule.class() != later.class() {
				continue
			}
			if err := rule.Selection.checkBeside(later.Selection); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkBeside checks a selection against that of a later rule for the same storage class.
func (s LifecycleSelection) checkBeside(later LifecycleSelection) error {
	switch {
	case s.TagStatus == "any":
		return invalidLifecycle("Rule for tagStatus=ANY must have the lowest priority per storage class")
	case s.TagStatus == "untagged" && later.TagStatus == "untagged":
		return invalidLifecycle("Only one rule can select Untagged images per storage class")
	case len(s.TagPrefixes) > 0 && slices.Equal(sortedSet(s.TagPrefixes), sortedSet(later.TagPrefixes)):
		return invalidLifecycle("Rules must have a unique tagPrefixList per storage class, %s is given twice", quoted(s.TagPrefixes))
	}
	return nil
}

func sortedSet(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

func (r LifecycleRule) class() string {
	if r.Selection.StorageClass == "" {
		return "standard"
	}
	return r.Selection.StorageClass
}

func (r LifecycleRule) check() error {
	if r.Priority < 1 {
		return invalidLifecycle("numeric instance is lower than the required minimum (minimum: 1, found: %d)", r.Priority)
	}
	if err := r.Selection.checkTags(); err != nil {
		return err
	}
	if err := r.checkCount(); err != nil {
		return err
	}
	return r.checkAction()
}

func (s LifecycleSelection) checkTags() error {
	switch s.TagStatus {
	case "tagged":
		if len(s.TagPrefixes) > 0 && len(s.TagPatterns) > 0 {
			return invalidLifecycle("a rule has tagPrefixList or tagPatternList, not both")
		}
		if len(s.TagPrefixes) == 0 && len(s.TagPatterns) == 0 {
			return invalidLifecycle("Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.")
		}
	case "untagged", "any":
		if s.TagPrefixes != nil || s.TagPatterns != nil {
			return invalidLifecycle("tagPrefixList and tagPatternList need tagStatus tagged")
		}
	default:
		return notInEnum(s.TagStatus, "any", "tagged", "untagged")
	}
	for _, pattern := range append(slices.Clone(s.TagPrefixes), s.TagPatterns...) {
		if pattern == "" {
			return invalidLifecycle("a tag prefix or pattern must not be empty")
		}
		if strings.Count(pattern, "*") > 4 {
			return invalidLifecycle("tag pattern %s has more than 4 wildcards", pattern)
		}
	}
	return nil
}

// checkCount follows the user guide's page of lifecycle policy properties.
func (r LifecycleRule) checkCount() error {
	s := r.Selection
	least, class := 1, "standard"
	switch s.CountType {
	case "imageCountMoreThan":
		if s.CountUnit != "" {
			return invalidLifecycle(noSchema)
		}
	case "sinceImageTransitioned":
		least, class = minArchived, "archive"
	case "sinceImagePushed", "sinceImagePulled":
	default:
		return invalidLifecycle(noSchema)
	}
	switch {
	case s.CountType != "imageCountMoreThan" && s.CountUnit == "":
		return invalidLifecycle(noSchema)
	case s.CountUnit != "" && s.CountUnit != "days":
		return notInEnum(s.CountUnit, "days")
	case s.CountNumber < least:
		return invalidLifecycle("numeric instance is lower than the required minimum (minimum: %d, found: %d)", least, s.CountNumber)
	case r.class() != class:
		return notInEnum(r.class(), class)
	}
	return nil
}

func (r LifecycleRule) checkAction() error {
	switch r.Action.Type {
	case "expire":
		if r.Action.TargetStorageClass != "" {
			return invalidLifecycle(noSchema)
		}
		if r.Selection.CountType == "sinceImagePulled" {
			return invalidLifecycle("countType sinceImagePulled can only transition images")
		}
	case "transition":
		if r.Action.TargetStorageClass == "" {
			return invalidLifecycle(noSchema)
		}
		if r.Action.TargetStorageClass != "archive" {
			return notInEnum(r.Action.TargetStorageClass, "archive")
		}
		if r.class() == "archive" {
			return invalidLifecycle("archived images cannot be transitioned")
		}
	default:
		return notInEnum(r.Action.Type, "expire", "transition")
	}
	return nil
}

func notInEnum(value string, want ...string) *Error {
	return invalidLifecycle(`instance value ("%s") not found in enum (possible values: %s)`, value, quoted(want))
}
