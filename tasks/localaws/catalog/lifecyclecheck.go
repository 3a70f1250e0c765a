package catalog

import (
	"slices"
	"strings"
)

func (p LifecyclePolicy) checkOrder() error {
	for i, rule := range p.Rules {
		if i > 0 && rule.Priority == p.Rules[i-1].Priority {
			return invalidLifecycle("rulePriority %d is given twice", rule.Priority)
		}
		for _, later := range p.Rules[i+1:] {
			if rule.Selection.TagStatus == "any" && rule.class() == later.class() {
				return invalidLifecycle("the rule with tagStatus any must have the highest rulePriority")
			}
		}
	}
	return nil
}

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
		if (len(s.TagPrefixes) == 0) == (len(s.TagPatterns) == 0) {
			return invalidLifecycle("tagStatus tagged needs one of tagPrefixList and tagPatternList")
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

func (r LifecycleRule) checkCount() error {
	s := r.Selection
	switch s.CountType {
	case "imageCountMoreThan":
		if s.CountUnit != "" {
			return invalidLifecycle("countUnit needs a countType that counts days")
		}
	case "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned":
		if s.CountUnit != "days" {
			return notInEnum(s.CountUnit, "days")
		}
	default:
		return notInEnum(s.CountType, "imageCountMoreThan", "sinceImagePulled", "sinceImagePushed", "sinceImageTransitioned")
	}
	if s.CountNumber < 1 {
		return invalidLifecycle("numeric instance is lower than the required minimum (minimum: 1, found: %d)", s.CountNumber)
	}
	if s.StorageClass != "" && s.StorageClass != "standard" && s.StorageClass != "archive" {
		return notInEnum(s.StorageClass, "archive", "standard")
	}
	if s.CountType == "sinceImageTransitioned" && r.class() != "archive" {
		return invalidLifecycle("countType sinceImageTransitioned needs storageClass archive")
	}
	return nil
}

func (r LifecycleRule) checkAction() error {
	switch r.Action.Type {
	case "expire":
		if r.Action.TargetStorageClass != "" {
			return invalidLifecycle("targetStorageClass needs action type transition")
		}
		if r.Selection.CountType == "sinceImagePulled" {
			return invalidLifecycle("countType sinceImagePulled can only transition images")
		}
	case "transition":
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
	return invalidLifecycle(`instance value ("%s") not found in enum (possible values: ["%s"])`, value, strings.Join(want, `","`))
}
