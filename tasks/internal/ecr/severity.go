package ecr

import (
	"fmt"
	"strings"
)

// Severity is how bad a finding is, in lower case.
type Severity string

// Severities are all there are, the worst first. Undefined is what nobody has rated yet: UNDEFINED in a basic scan,
// UNTRIAGED in an enhanced one.
var Severities = []Severity{"critical", "high", "medium", "low", "informational", undefined}

const undefined Severity = "undefined"

// severityOf has one word for what basic and enhanced scans call differently.
func severityOf(word string) Severity {
	for _, severity := range Severities {
		if strings.EqualFold(word, string(severity)) {
			return severity
		}
	}
	return undefined
}

// Threshold is the severity from which on a finding counts, as a person writes it. What is not rated cannot be a
// threshold.
func Threshold(word string) (Severity, error) {
	rated := Severities[:len(Severities)-1]
	var words []string
	for _, severity := range rated {
		if strings.EqualFold(word, string(severity)) {
			return severity, nil
		}
		words = append(words, string(severity))
	}
	return "", fmt.Errorf("%q is no severity: want %s", word, strings.Join(words, ", "))
}

// Counts are numbers of findings by severity.
type Counts map[Severity]int

// From adds up what is as bad as a threshold or worse. The lowest threshold takes every finding, those that nobody has
// rated too.
func (c Counts) From(threshold Severity) int {
	sum := 0
	for _, severity := range Severities {
		sum += c[severity]
		if severity == threshold && threshold != "informational" {
			return sum
		}
	}
	return sum
}

// String is for people: 1 critical, 2 high; empty for none.
func (c Counts) String() string {
	var parts []string
	for _, severity := range Severities {
		if n := c[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	return strings.Join(parts, ", ")
}
