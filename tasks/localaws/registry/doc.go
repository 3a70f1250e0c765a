// Package registry is the registry of Amazon ECR (OCI distribution 1.1 over HTTP) over a catalog: what docker, crane
// and containerd push to and pull from.
//
// It is as strict as ECR: a repository must have been created, immutable tags stay, nothing is mounted unless the
// account setting BLOB_MOUNTING says so, sha256 is the only digest algorithm, blobs cannot be deleted one by one, and
// a password from GetAuthorizationToken is needed for everything and expires after twelve hours.
//
// Location headers are relative: clients refuse to be sent to another loopback address than the one they called.
package registry
