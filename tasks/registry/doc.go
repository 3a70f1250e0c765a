// Package registry looks at the ECR repositories and into them: login, status, cleanup, scan and retention.
//
// A target asks all repositories at once. One that is missing or cannot be asked hides none of the others.
package registry
