// Package s3 serves the part of Amazon S3 that Terraform's backend, the state bucket and the people
// who look into it need, as one [http.Handler] over bbolt and a folder.
//
// It is the path-style REST API over plain HTTP: buckets and their settings (versioning, encryption,
// public access block, policy, tagging, ownership, lifecycle, location), objects with conditions,
// checksums, ranges, versions and delete markers, listings of every kind, batches, copies, tags and
// multipart uploads. What it does not know it refuses: a query key, a sub-resource or an x-amz- header
// outside its tables is answered 501 NotImplemented and never taken for an object.
//
// # What it is not
//
// No signature is checked and no policy is enforced: any request that names a credential is the owner.
// Presigned URLs, object locks, ACLs other than the owner's, customer keys (SSE-C), CORS, websites,
// notifications, replication, archives and lifecycle execution do not exist. Settings are validated,
// kept and given back; the only ones that act are versioning, default encryption and BlockPublicPolicy.
// Checksums are CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512 and MD5; the XXHASH family is refused.
//
// # Regions
//
// One address serves every region: the region of a request is that of its credential scope, as if it
// had been sent to that region's endpoint. A bucket called from another region is answered as S3 does,
// with 301 PermanentRedirect and x-amz-bucket-region (the AWS CLI follows it, the Go SDK and Terraform
// name the right region in their error); GetBucketLocation answers everybody. AuthorizationHeaderMalformed,
// which S3 sends when the endpoint's and the scope's region differ, cannot arise with one address, so
// it is kept for scopes that are not scopes.
//
// # What is on disk
//
// Records are in bbolt, in top-level buckets that begin with "s3.". A body of at most 64 KiB, which is
// every lock file and most states, lives beside its record and is written in the same transaction: one
// fsync, nothing to collect after a crash. A larger body streams to a file named by a random id, is
// renamed into place complete, and only then is a record committed that refers to it. Multipart
// uploads are completed by reference, so that takes one transaction too. Files that no record refers
// to (a kill -9 before the commit, or between a delete and its unlink) are removed by [New].
package s3
