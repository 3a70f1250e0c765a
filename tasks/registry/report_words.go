package registry

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/menu"
)

// Kept are the images that a rule protects.
func (r reportRepository) Kept(rule int) (names []string) {
	for _, row := range r.Rows {
		if row.Kept && row.Rule == rule {
			names = append(names, imageName(row.Image))
		}
	}
	return names
}

// Seconds is the age of an image, to sort by.
func (r reportRow) Seconds(now time.Time) int64 {
	if r.PushedAt == nil {
		return 0
	}
	return int64(now.Sub(*r.PushedAt).Seconds())
}

// Story is what happened to an image, and what will.
func (r reportRow) Story(now time.Time) string {
	words := []string{"pushed " + console.Time(r.PushedAt)}
	if r.Revision != "" {
		words = append(words, "commit "+r.Revision)
	}
	if r.Due != nil && r.Due.After(now) {
		words = append(words, "taken "+console.Time(r.Due))
	} else if r.Due != nil {
		words = append(words, "taken within 24 hours")
	}
	if r.Rule != 0 {
		words = append(words, fmt.Sprint("rule ", r.Rule))
	}
	return strings.Join(words, ", ")
}

// Commands are what to copy about an image.
func (r reportRow) Commands(of reportRepository) []string {
	return []string{
		"docker pull " + menu.Quote(of.URI+"@"+r.Digest),
		menu.Typed("ecr:scan", "-repo="+of.Name, "-image="+console.ShortDigest(r.Digest)),
	}
}

// reportPart is a manifest that belongs to an image.
type reportPart struct{ Text, Digest string }

// Parts are the platforms, attestations, lists of contents and signatures.
func (r reportRow) Parts() (parts []reportPart) {
	for _, part := range slices.Concat(r.Children, r.Referrers) {
		words := []string{part.Kind}
		if part.Platform != "" {
			words = append(words, part.Platform)
		}
		words = append(words, part.Tags...)
		if part.Missing {
			words = append(words, "missing")
		} else {
			words = append(words, console.Bytes(part.SizeBytes))
		}
		parts = append(parts, reportPart{strings.Join(words, " "), part.Digest})
	}
	return parts
}
