package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

// images is their number in each repository, in the comparisons with the scripts for ECR.
const images = 1000

// BenchmarkVersusLogin compares ecr:login with a token of the AWS CLI that is piped into docker login.
func BenchmarkVersusLogin(b *testing.B) {
	need(b, "aws")
	docker := dockerCommand(b)
	w := newBenchWorld(b)
	w.env["DOCKER"], w.env["ECR_REGISTRY"] = docker, w.registry
	versus(b, 0.2, func() {}, func() { w.mage("ecr:login") }, func() { w.script("ecr-login.sh") })
}

// BenchmarkVersusStatus compares ecr:status of two full repositories with describe-repositories and describe-images of
// the AWS CLI.
func BenchmarkVersusStatus(b *testing.B) {
	need(b, "aws")
	w := newBenchWorld(b)
	w.fill()
	versus(b, 0.1, func() {}, func() { w.mage("ecr:status") }, func() { w.script("ecr-status.sh") })
}

// BenchmarkVersusCleanup compares ecr:cleanup of two full repositories with list-images and batch-delete-image of the
// AWS CLI.
func BenchmarkVersusCleanup(b *testing.B) {
	need(b, "aws")
	w := newBenchWorld(b)
	w.env["CLEANUP_MODE"] = "true"
	versus(b, 0.1, w.fill, func() { w.mage("ecr:cleanup") }, func() { w.script("ecr-cleanup.sh") })
}

// script runs one of the scripts below testdata/before.
func (w *world) script(name string, args ...string) {
	path, err := filepath.Abs(filepath.Join("testdata", "before", name))
	if err != nil {
		w.t.Fatal(err)
	}
	w.run(path, args...)
}

// fill puts new images into both repositories.
func (w *world) fill() {
	w.t.Helper()
	for _, repository := range repositories {
		w.fillOne(repository, images)
	}
}

// fillOne puts new images into a repository. They share one config, have no layer, and differ in their manifest.
func (w *world) fillOne(repository string, images int) {
	w.t.Helper()
	base, err := mutate.ConfigFile(mutate.MediaType(empty.Image, types.OCIManifestSchema1),
		&v1.ConfigFile{OS: "linux", Architecture: "amd64", RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		w.t.Fatal(err)
	}
	config, err := base.RawConfigFile()
	if err != nil {
		w.t.Fatal(err)
	}
	uploadConfig(w, repository, config)
	var group errgroup.Group
	group.SetLimit(64)
	for range images {
		group.Go(func() error { return put(w, repository, base) })
	}
	if err := group.Wait(); err != nil {
		w.t.Fatal(err)
	}
}

func uploadConfig(w *world, repository string, config []byte) {
	w.t.Helper()
	ctx := context.Background()
	begun, err := w.ecr.InitiateLayerUpload(ctx, &awsecr.InitiateLayerUploadInput{RepositoryName: &repository})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.ecr.UploadLayerPart(ctx, &awsecr.UploadLayerPartInput{
		RepositoryName: &repository, UploadId: begun.UploadId,
		PartFirstByte: aws.Int64(0), PartLastByte: aws.Int64(int64(len(config)) - 1), LayerPartBlob: config,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	digest, _, err := v1.SHA256(bytes.NewReader(config))
	if err != nil {
		w.t.Fatal(err)
	}
	// ECR refuses it when an earlier round has uploaded it.
	_, _ = w.ecr.CompleteLayerUpload(ctx, &awsecr.CompleteLayerUploadInput{
		RepositoryName: &repository, UploadId: begun.UploadId, LayerDigests: []string{digest.String()},
	})
}

// put writes a manifest that no other image has: an annotation makes the difference.
func put(w *world, repository string, base v1.Image) error {
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
