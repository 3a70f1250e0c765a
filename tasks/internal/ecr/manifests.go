package ecr

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"golang.org/x/sync/errgroup"
)

// Child is a manifest that an index lists.
type Child struct {
	Digest      string `json:"digest"`
	Platform    string `json:"platform,omitempty"`    // os/architecture[/variant], or empty
	Attestation bool   `json:"attestation,omitempty"` // what docker's builders put beside an image
	MediaType   string `json:"-"`
}

// attestation is the annotation by which docker's builders mark one.
const attestation = "vnd.docker.reference.type"

// revisionLabel names an image's commit, in a manifest's annotations or an image's labels.
const revisionLabel = "org.opencontainers.image.revision"

type indexManifest struct {
	children []Child
	revision string
}

// readIndexes reads what indexes list. An index that was deleted in the meantime is neither read nor unread.
func readIndexes(ctx context.Context, api *Client, repository string, digests []string) (
	read map[string]indexManifest, unread []Failure, err error,
) {
	read = map[string]indexManifest{}
	unread, err = eachManifest(ctx, api, repository, digests, func(digest string, manifest []byte) error {
		parsed, err := parseIndex(manifest)
		if err != nil {
			return fmt.Errorf("reading index %q: %w", digest, err)
		}
		read[digest] = parsed
		return nil
	})
	return read, unread, err
}

// eachManifest calls visit for each manifest, one at a time. refused are those that ECR has and does not give.
func eachManifest(ctx context.Context, api *Client, repository string, digests []string,
	visit func(digest string, manifest []byte) error,
) (refused []Failure, err error) {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for batch := range slices.Chunk(digests, batchSize) {
		group.Go(func() error {
			ids := make([]types.ImageIdentifier, len(batch))
			for i := range batch {
				ids[i].ImageDigest = &batch[i]
			}
			out, err := api.BatchGetImage(ctx, &awsecr.BatchGetImageInput{RepositoryName: &repository, ImageIds: ids})
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, failure := range out.Failures {
				if failure.FailureCode != types.ImageFailureCodeImageNotFound {
					refused = append(refused, failureOf(failure))
				}
			}
			for _, image := range out.Images {
				if image.ImageId == nil {
					continue
				}
				if err := visit(aws.ToString(image.ImageId.ImageDigest), []byte(aws.ToString(image.ImageManifest))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = group.Wait()
	return refused, err
}

func parseIndex(manifest []byte) (indexManifest, error) {
	var parsed struct {
		Annotations map[string]string
		Manifests   []struct {
			Digest      string
			MediaType   string
			Platform    struct{ OS, Architecture, Variant string }
			Annotations map[string]string
		}
	}
	if err := json.Unmarshal(manifest, &parsed); err != nil {
		return indexManifest{}, err
	}
	children := make([]Child, len(parsed.Manifests))
	for i, m := range parsed.Manifests {
		children[i] = Child{
			Digest: m.Digest, Platform: platformName(m.Platform.OS, m.Platform.Architecture, m.Platform.Variant),
			Attestation: m.Annotations[attestation] != "", MediaType: m.MediaType,
		}
		if children[i].Attestation {
			children[i].Platform = "" // unknown/unknown, so that clients do not choose it
		}
	}
	return indexManifest{children, parsed.Annotations[revisionLabel]}, nil
}

func platformName(os, architecture, variant string) string {
	return strings.TrimRight(os+"/"+architecture+"/"+variant, "/")
}
