// Package registry is the registry of Amazon ECR (OCI distribution 1.1 over HTTP) over a catalog: docker, podman,
// skopeo, crane and containerd push to it and pull from it. The rules and the data are those of package catalog.
//
// [New] makes a [Server]; [Server.Serve] answers what is below /v2/. Package localaws starts it: see there.
//
// It is as strict as ECR: the repository must have been created, immutable tags do not move, a layer is mounted only if
// the account setting BLOB_MOUNTING says so, and everything needs a password from GetAuthorizationToken, which expires
// after twelve hours.
//
// # What differs from the specification
//
// The specification's conformance program passes, except for what ECR does not do either:
//
//   - sha512: ECR's API knows digests of sha256 only. Any other is refused with DIGEST_INVALID, wherever it is.
//   - DELETE of a blob: 405, as the specification allows. Layers are deleted with the images that use them.
//   - a mount without a source repository, or of a layer that no image uses: 202, and the client uploads (user guide,
//     blob-mounting: a mount needs GetDownloadUrlForLayer, which knows only layers of images).
//   - sparse indexes: a child must be there before its index (ReferencedImagesNotFoundException).
//   - tags as parameters of a push by digest, which are in the drafts after 1.1: they are not read.
//
// With the dialect "ecr", PATCH answers as ECR does: 201, and from the second PATCH on its Range does not advance.
//
// # What differs from ECR
//
// A manifest is served as it was pushed, whatever the Accept header says; ECR may translate it. Layers come from this
// address; ECR redirects to S3. Location headers are relative, because clients refuse to be sent to another loopback
// address than the one they called.
package registry
