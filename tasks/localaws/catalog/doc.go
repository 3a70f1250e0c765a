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
// names and pages, lifecycle policies with previews, archiving, and basic and enhanced scanning.
//
// A lifecycle policy is carried out once a day, as late as ECR's promise allows, and before the first call after that
// which shows images. Image scans find what [Options].Findings says.
//
// Not here: KMS keys (an ARN is stored, no key is asked), replication, pull through caches, and translation between
// Docker and OCI manifests, which ECR does for some pulls by tag.
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
