// Package registry is the registry of Amazon ECR (OCI distribution 1.1 over HTTP) over a catalog: what docker, crane
// and containerd push to and pull from.
//
// It is as strict as ECR: a repository must have been created, immutable tags stay, nothing is mounted unless the
// account setting BLOB_MOUNTING says so, and a password from GetAuthorizationToken is needed for everything and expires
// after twelve hours.
//
// The specification's conformance program passes, but for what ECR itself does not do:
//
//   - sha512: ECR's API knows digests of sha256 only. Any other is refused with DIGEST_INVALID, wherever it stands.
//   - DELETE of a blob: 405, as the specification allows. Layers go with the images that use them.
//   - a mount without a source repository, or of a layer that no image uses: 202, and the client uploads (user guide, blob-mounting: who
//     mounts must be allowed GetDownloadUrlForLayer, which knows only layers of images).
//   - sparse indexes: a child has to be there before its index (ReferencedImagesNotFoundException).
//   - tags as parameters of a push by digest, which is in the drafts after 1.1: they are not looked at.
//
// The dialect "ecr" departs where ECR does: PATCH answers 201, and from the second on its Range stays at the first.
//
// Location headers are relative: clients refuse to be sent to another loopback address than the one they called.
package registry
