// Package s3 is the part of Amazon S3 that Terraform's backend, the suite's state bucket and a person who looks after a
// state with the AWS CLI need, as one [http.Handler] over bbolt and a folder.
//
// [New] makes the handler. Package localaws starts it: see there, also for faults, which this package knows nothing of.
//
// # What it serves
//
// The path-style REST API over plain HTTP; [Operations] lists it. Buckets and their settings (versioning, encryption,
// public access block, policy, tagging, ownership, lifecycle, location); objects with If-Match and If-None-Match,
// checksums, ranges, versions and delete markers; ListObjectsV2 and ListObjectVersions; batch deletes; copies of
// objects and of their old versions; multipart uploads. Settings are validated, stored and given back. Those that act
// are versioning, default encryption (in name only: bodies are not encrypted) and BlockPublicPolicy.
//
// # What it refuses
//
// What it does not know is answered 501 NotImplemented with its name, and never taken for something else:
//
//   - operations: ListObjects (version 1), ListParts, ListMultipartUploads, UploadPartCopy, object tagging, ACLs,
//     policy status, object lock, CORS, websites, notifications, replication, archives and the like
//   - query keys: presigned URLs, response-content-type and its like, fetch-owner, partNumber of a download
//   - headers: any x-amz- header outside the list in request.go, such as x-amz-acl, x-amz-tagging, customer keys
//     (SSE-C) and conditions on the source of a copy; If-Modified-Since and If-Unmodified-Since
//   - storage classes other than STANDARD; bodies of unknown length, and bodies in chunks (aws-chunked), which SDKs send
//     over TLS and some without it; keys with control characters
//   - checksums other than CRC32, CRC32C, CRC64NVME, SHA1, SHA256 and Content-MD5; a checksum of a whole multipart
//     upload: each part is verified, and the object has none
//   - lifecycle rules with transitions, dates, tags or sizes; MFA delete; blocked encryption types
//
// So `aws s3 cp` from one S3 key to another is limited to 8 MB, where the AWS CLI changes to UploadPartCopy; `aws s3api
// copy-object` is not. Signatures are not verified, policies not enforced, and lifecycle rules not carried out.
//
// # Regions
//
// One address serves every region: the region of a request is that of its credential scope. A bucket called from
// another region is answered as at S3, with 301 PermanentRedirect and x-amz-bucket-region; GetBucketLocation answers
// everybody.
//
// # Data
//
// Records are in top-level buckets "s3.*" of the database. A body of at most 64 KiB, which is every lock file and most
// states, is stored there too, in the same transaction. A larger body is a file with a random name below bodies/: it is
// complete and on the disk before a record refers to it. An upload is completed by reference, without copying. [New]
// removes files that no record refers to, which a kill -9 may leave.
package s3
