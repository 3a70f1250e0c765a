// Package registry is the registry of Amazon ECR (OCI distribution 1.1 over HTTP) over a catalog: docker, podman,
// skopeo, crane and containerd push to it and pull from it. The rules and the data are those of package catalog.
//
// [New] makes a [Server]; [Server.Serve] answers what is below /v2/. Package localaws starts it: see there.
//
// It is as strict as ECR: the repository must have been created, immutable tags do not move, a layer is mounted only if
// the account setting BLOB_MOUNTING says so, and everything needs a password from GetAuthorizationToken, which expires
// after twelve hours. A password of another account may do what the repository's policy allows.
//
// # What differs from the specification
//
// The specification's conformance program passes, except for what ECR does not do either:
//
//   - sha512: ECR's API knows digests of sha256 only. Any other is refused with DIGEST_INVALID, wherever it is.
//   - a blob of 0 bytes: ECR refuses it, so it is BLOB_UPLOAD_INVALID.
//   - DELETE of a blob: 405, as the specification allows. Layers are deleted with the images that use them.
//   - a mount without a source repository, or of a layer that no image uses: 202, and the client uploads (user guide,
//     blob-mounting: a mount needs GetDownloadUrlForLayer, which knows only layers of images).
//   - sparse indexes: a child must be there before its index (ReferencedImagesNotFoundException).
//   - tags as parameters of a push by digest, which are in the drafts after 1.1: they are not read.
//
// A manifest is served in a format that the Accept header names: see package catalog. Without such a header, it is
// served as it is stored.
//
// # The dialect "ecr"
//
// It answers as ECR does where ECR departs from the specification. The sources are in localaws/contract/probes.txt.
//
//   - PATCH: 201, and from the second PATCH on its Range does not advance.
//   - PUT of a manifest that ECR cannot read, or of an unknown type: 405 UNSUPPORTED.
//   - PUT of a manifest without one of its layers: BLOB_UPLOAD_UNKNOWN.
//   - GET of a manifest: no Docker-Content-Digest, which HEAD has.
//   - lists: text/plain, in no order; the address of the next page is absolute, its last is opaque. n=0 is refused.
//   - GET of a layer of an image: a redirect to a signed address at localhost (from localhost: at 127.0.0.1), so that
//     clients leave their password behind; an address that comes with a password is refused, as by S3.
//   - no password: 401 and the text "Not Authorized". A password that is none: 400.
//
// # What differs from ECR
//
// Without the dialect, layers come from this address. Location headers are relative, because clients refuse to be sent
// to another loopback address than the one they called.
//
// Not established are the status of a manifest without its layer (400 here), and of a pull by digest in a format that
// the client does not accept (404 here); the code of a DELETE of a child of an index (DENIED here); whether _catalog
// has the pages of the tags' list; and whether ECR itself filters referrers.
package registry
