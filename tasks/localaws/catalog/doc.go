// Package catalog keeps what Amazon ECR keeps, by ECR's own rules: repositories, images, tags, layers and uploads, one
// registry per region. It speaks no protocol: packages ecrapi and registry translate to the same calls, so an image
// that was pushed over /v2/ is the image that DescribeImages lists.
//
// [Open] opens it over a bbolt database and a folder. [Catalog.Registry] gives the registry of one region; its methods
// are the calls of ECR's API.
//
// # Rules
//
// What ECR would refuse is returned as [*Error], with ECR's exception code and message. Among the rules are immutable
// tags and their exclusion filters, children that an index keeps alive, referrers, layer and manifest checks, limits of
// names and pages, lifecycle policies with previews, archiving, and basic and enhanced scanning. A layer of 0 bytes is
// refused, and so is a repository policy that departs from IAM's grammar or, without force, locks its author out.
//
// A pull by tag gets an image's manifest in the format that the client accepts, Docker's or OCI's, with a digest of its
// own under which nobody can pull it. A pull by digest is refused when the client does not accept what is stored;
// BatchGetImage by digest returns it all the same (aws/containers-roadmap #1075).
//
// A lifecycle policy is carried out once a day, as late as ECR's promise allows, and before the first call after that
// which shows images. Image scans find what [Options].Findings says.
//
// Not here: KMS keys (the form of a key's name is checked, no key is asked), replication, pull through caches, Docker's
// schema 1, and the check whether a policy's principals exist. A policy is given back as it was set; ECR formats it.
//
// # Not established
//
// No source shows what ECR does here, so this is a guess:
//
//   - the bytes of a converted manifest, and whether an index is converted: here it is refused, like an artifact;
//   - a repository policy with an action that ECR does not have (here it is stored), and the words of a lock-out;
//   - the exception for a malformed KMS key: here KmsException;
//   - BatchDeleteImage of a digest with one of its tags: here only that tag goes;
//   - a tag or digest that is too long in a batch: here it is among the failures;
//   - a preview of a child of an index that remains: here it is shown as expiring.
//
// # Data
//
// Records and manifests are in top-level buckets "ecr.*" of the database, layers are content-addressed files:
//
//	ecr.meta                      secret → the key that signs registry passwords and page tokens
//	ecr.blobs                     digest \0 region \0 repository → nothing; who holds a file below blobs/
//	ecr.registries/REGION/
//	    settings                  account setting → value, and scanning → Scanning
//	    repositories/NAME/        its sequence is the number of repositories
//	        info                  Repository
//	        images                digest → Image
//	        manifests             digest → the manifest's bytes
//	        tags                  tag → digest
//	        layers                digest → Layer
//	        pins                  child digest \0 index digest → nothing
//	        uses                  layer digest \0 manifest digest → nothing
//	        referrers             subject digest \0 referrer digest → nothing
//	        preview               Preview, the last
//	        previewed             number → Previewed, in the order of age
//
// All repositories that hold a layer share its file, but a repository sees only the layers that were uploaded or
// mounted into it. Unfinished uploads are files below uploads/, each with a small JSON file beside it. Pulls are noted
// in memory and written within a second.
package catalog
