package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

// images is how many of them each repository holds in the comparisons of what ECR's scripts did.
const images = 1000

// BenchmarkVersusLogin is ecr:login against the AWS CLI's token piped into docker login.
func BenchmarkVersusLogin(b *testing.B) {
	need(b, "aws")
	docker := dockerCommand(b)
	w := newBenchWorld(b)
	w.env = append(w.env, "DOCKER="+docker, "ECR_REGISTRY="+w.registry)
	versus(b, 0.2, func() {}, func() { w.mage("ecr:login") }, func() { w.script("ecr-login.sh") })
}

// BenchmarkVersusStatus is ecr:status of two full repositories against describe-repositories and describe-images of the
// AWS CLI.
func BenchmarkVersusStatus(b *testing.B) {
	need(b, "aws")
	w := newBenchWorld(b)
	w.fill()
	versus(b, 0.1, func() {}, func() { w.mage("ecr:status") }, func() { w.script("ecr-status.sh") })
}

// BenchmarkVersusCleanup is ecr:cleanup of two full repositories against list-images and batch-delete-image of the AWS
// CLI.
func BenchmarkVersusCleanup(b *testing.B) {
	need(b, "aws")
	w := newBenchWorld(b)
	w.env = append(w.env, "CLEANUP_MODE=true")
	versus(b, 0.1, w.fill, func() { w.mage("ecr:cleanup") }, func() { w.script("ecr-cleanup.sh") })
}

// fill puts new images into both repositories.
func (w *benchWorld) fill() {
	w.b.Helper()
	for _, repository := range repositories {
		w.fillOne(repository, images)
	}
}

// fillOne puts new images into a repository: one config and no layer for all, and a manifest each.
func (w *benchWorld) fillOne(repository string, images int) {
	w.b.Helper()
	base, err := mutate.ConfigFile(mutate.MediaType(empty.Image, types.OCIManifestSchema1),
		&v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		w.b.Fatal(err)
	}
	config, err := base.RawConfigFile()
	if err != nil {
		w.b.Fatal(err)
	}
	w.uploadConfig(repository, config)
	var group errgroup.Group
	group.SetLimit(64)
	for range images {
		group.Go(func() error { return w.put(repository, base) })
	}
	if err := group.Wait(); err != nil {
		w.b.Fatal(err)
	}
}

func (w *benchWorld) uploadConfig(repository string, config []byte) {
	w.b.Helper()
	ctx := context.Background()
	begun, err := w.ecr.InitiateLayerUpload(ctx, &awsecr.InitiateLayerUploadInput{RepositoryName: &repository})
	if err != nil {
		w.b.Fatal(err)
	}
	_, err = w.ecr.UploadLayerPart(ctx, &awsecr.UploadLayerPartInput{
		RepositoryName: &repository, UploadId: begun.UploadId,
		PartFirstByte: aws.Int64(0), PartLastByte: aws.Int64(int64(len(config)) - 1), LayerPartBlob: config,
	})
	if err != nil {
		w.b.Fatal(err)
	}
	digest, _, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		w.b.Fatal(err)
	}
	// It may be there from an earlier round, and then ECR says so.
	_, _ = w.ecr.CompleteLayerUpload(ctx, &awsecr.CompleteLayerUploadInput{
		RepositoryName: &repository, UploadId: begun.UploadId, LayerDigests: []string{digest.String()},
	})
}

// put writes a manifest that no other image has, by an annotation.
func (w *benchWorld) put(repository string, base v1.Image) error {
	name := fmt.Sprint(rand.Uint64())
	img := mutate.Annotations(base, map[string]string{"number": name}).(v1.Image)
	manifest, err := img.RawManifest()
	if err != nil {
		return err
	}
	_, err = w.ecr.PutImage(context.Background(), &awsecr.PutImageInput{
		RepositoryName: &repository, ImageManifest: aws.String(string(manifest)), ImageTag: &name,
	})
	return err
}
