// Package ecrapi is the API of Amazon ECR (AWS JSON 1.1) over a catalog: what the AWS CLI, the SDKs and Terraform's
// provider call. It decodes, asks package catalog, and encodes; the rules are the catalog's.
//
// An operation that is not in the table of operations answers with an error that names it, and so does a parameter
// that an operation does not know: nothing is silently ignored.
package ecrapi
