package ecr_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	v1types "github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"
)

// crowd fills the repository with n manifests, of all kinds by the twenty: an index of an index, two that share a
// tagged child, what refers to an image, an index, a child and another referrer, an archived image, and lone ones.
func (r registry) crowd(t *testing.T, n int) {
	t.Helper()
	config := r.config(t)
	var group errgroup.Group
	group.SetLimit(16)
	for i := range (n + 19) / 20 {
		group.Go(func() error {
			p := putter{r: r, config: config, number: i * 20, end: n}
			a, b, c, d, e, f, g := p.image(""), p.image(""), p.image(""), p.image(""), p.image("one"), p.image(""), p.image("")
			inner := p.index("", a, b)
			outer := p.index("nested", inner, c)
			p.index("", d, e)
			p.index("three", e, f, g)
			lone, archived := p.image("lone"), p.image("old")
			p.refer(p.refer(lone))
			p.refer(outer)
			p.refer(a)
			p.image("more")
			p.refer(p.image(""))
			p.archive(archived)
			return p.err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// config uploads the one blob that all images have.
func (r registry) config(t *testing.T) v1.Descriptor {
	t.Helper()
	blob := []byte("{}")
	digest, size, err := v1.SHA256(bytes.NewReader(blob))
	if err != nil {
		t.Fatal(err)
	}
	begun, err := r.InitiateLayerUpload(t.Context(), &awsecr.InitiateLayerUploadInput{RepositoryName: aws.String("demo")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.UploadLayerPart(t.Context(), &awsecr.UploadLayerPartInput{
		RepositoryName: aws.String("demo"), UploadId: begun.UploadId, PartFirstByte: aws.Int64(0), PartLastByte: aws.Int64(
			size - 1), LayerPartBlob: blob,
	}); err != nil {
		t.Fatal(err)
	}
	_, err = r.CompleteLayerUpload(t.Context(), &awsecr.CompleteLayerUploadInput{
		RepositoryName: aws.String("demo"), UploadId: begun.UploadId, LayerDigests: []string{digest.String()},
	})
	if _, there := errors.AsType[*types.LayerAlreadyExistsException](err); err != nil && !there {
		t.Fatal(err)
	}
	return v1.Descriptor{MediaType: "application/vnd.oci.empty.v1+json", Digest: digest, Size: size}
}

// putter puts manifests until the first error, or until so many are there; each is a number more than the one before.
type putter struct {
	r           registry
	config      v1.Descriptor
	number, end int
	err         error
}

func (p *putter) image(tag string) v1.Descriptor {
	return p.put(tag, v1types.OCIManifestSchema1, map[string]any{"config": p.config, "layers": []any{}})
}

func (p *putter) refer(to v1.Descriptor) v1.Descriptor {
	return p.put("", v1types.OCIManifestSchema1, map[string]any{"config": p.config, "layers": []any{}, "subject": to})
}

func (p *putter) index(tag string, children ...v1.Descriptor) v1.Descriptor {
	children = slices.DeleteFunc(children, func(child v1.Descriptor) bool { return child.Size == 0 })
	return p.put(tag, v1types.OCIImageIndex, map[string]any{"manifests": children})
}

func (p *putter) put(tag string, kind v1types.MediaType, manifest map[string]any) v1.Descriptor {
	p.number++
	if p.err != nil || p.number > p.end {
		return v1.Descriptor{}
	}
	manifest["schemaVersion"], manifest["mediaType"], manifest["annotations"] = 2, kind, map[string]string{"n": fmt.Sprint(
		p.number)}
	text, err := json.Marshal(manifest)
	if err != nil {
		p.err = err
		return v1.Descriptor{}
	}
	in := &awsecr.PutImageInput{RepositoryName: aws.String("demo"), ImageManifest: aws.String(string(text))}
	digest, size, _ := v1.SHA256(bytes.NewReader(text)) // out of memory
	if tag != "" {
		in.ImageTag = aws.String(fmt.Sprint(tag, p.number))
	}
	_, p.err = p.r.PutImage(p.r.ctx, in)
	return v1.Descriptor{MediaType: kind, Digest: digest, Size: size}
}

func (p *putter) archive(image v1.Descriptor) {
	if p.err != nil || image.Size == 0 {
		return
	}
	_, p.err = p.r.UpdateImageStorageClass(p.r.ctx, &awsecr.UpdateImageStorageClassInput{
		RepositoryName: aws.String("demo"), ImageId: &types.ImageIdentifier{ImageDigest: aws.String(image.Digest.String())},
		TargetStorageClass: types.TargetStorageClassArchive,
	})
}
