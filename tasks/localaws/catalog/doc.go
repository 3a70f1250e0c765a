// Package catalog keeps what Amazon ECR keeps, by ECR's own rules: repositories, images, tags, layers and
// uploads, one registry per region. It speaks no protocol: package ecrapi and package registry translate the
// same calls, so an image pushed over /v2/ is the image that DescribeImages lists.
//
// Metadata and manifests live in one bbolt file (top-level buckets "ecr.*"), layers as content-addressed files:
//
//	ecr.meta                      secret → the key that signs registry passwords and page tokens
//	ecr.blobs                     digest \0 region \0 repository → nothing; who holds a file below blobs/
//	ecr.registries/REGION/
//	    settings                  account setting → value, and scanning → Scanning
//	    repositories/NAME/        whose sequence is how many there are
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
// A layer's bytes are shared by all repositories that hold it, but a repository sees only the layers that were
// uploaded or mounted into it. Unfinished uploads are files below uploads/, with a small JSON file beside each.
//
// A lifecycle policy is carried out once a day, as late as ECR's promise allows, and before the first call after that
// which shows images. Pulls are noted in memory and written within a second.
//
// What ECR would refuse is returned as [*Error], with ECR's exception code and message.
package catalog
