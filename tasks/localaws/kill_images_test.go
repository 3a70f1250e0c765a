package localaws_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// imageWriter pushes, moves tags and deletes, in a repository that it shares with others. Its own tags begin with its name.
type imageWriter struct {
	name, authorization string
	now                 map[string][]string // acknowledged: digest → tags, sorted
	maybe               map[string][]string // with the change that was not acknowledged; nil when there is none
	blobs               map[string][]string // digest → config and layers, of all images that were ever tried
	tried               []string            // digests of layers that may have arrived, since the last start
}

func (w *imageWriter) write(ctx context.Context, p *process, random *rand.Rand) error {
	digests, tag := slices.Sorted(maps.Keys(w.now)), fmt.Sprintf("%s-%d", w.name, random.IntN(6))
	next := maps.Clone(w.now)
	var change func() error
	switch pick := random.IntN(10); {
	case len(digests) > 8 || len(digests) > 0 && pick == 0:
		digest := digests[random.IntN(len(digests))]
		delete(next, digest)
		change = func() error { return deleteImage(ctx, p, types.ImageIdentifier{ImageDigest: &digest}) }
	case pick == 1:
		untag(next, tag, true)
		change = func() error { return deleteImage(ctx, p, types.ImageIdentifier{ImageTag: &tag}) }
	case pick == 2: // an upload that nobody ends
		at, err := w.send(ctx, p, "POST", "/v2/shared/blobs/uploads/", nil, http.StatusAccepted)
		if err != nil {
			return err
		}
		_, err = w.send(ctx, p, "PATCH", at, randomBytes(random, 100_000), http.StatusAccepted)
		return err
	default:
		raw, err := w.upload(ctx, p, random)
		if err != nil {
			return err
		}
		untag(next, tag, false)
		next[sum(raw)] = []string{tag}
		change = func() error {
			_, err := w.send(ctx, p, "PUT", "/v2/shared/manifests/"+tag, raw, http.StatusCreated)
			return err
		}
	}
	if err := change(); err != nil {
		w.maybe = next
		return err
	}
	w.now = next
	return nil
}

// untag takes a tag away; deleting it takes the image too, if it was its last.
func untag(images map[string][]string, tag string, deleting bool) {
	for digest, tags := range images {
		if slices.Contains(tags, tag) {
			images[digest] = slices.DeleteFunc(slices.Clone(tags), func(t string) bool { return t == tag })
			if deleting && len(images[digest]) == 0 {
				delete(images, digest)
			}
		}
	}
}

// upload uploads a config and two layers and returns the manifest of them.
func (w *imageWriter) upload(ctx context.Context, p *process, random *rand.Rand) ([]byte, error) {
	type descriptor struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
		Size      int    `json:"size"`
	}
	var parts []descriptor
	var digests []string
	for range 3 {
		text := randomBytes(random, 1+random.IntN(200_000))
		w.tried = append(w.tried, sum(text))
		at, err := w.send(ctx, p, "POST", "/v2/shared/blobs/uploads/", nil, http.StatusAccepted)
		if err == nil && random.IntN(2) == 0 {
			half := len(text) / 2
			if at, err = w.send(ctx, p, "PATCH", at, text[:half], http.StatusAccepted); err == nil {
				_, err = w.send(ctx, p, "PUT", at+"?digest="+sum(text), text[half:], http.StatusCreated)
			}
		} else if err == nil {
			_, err = w.send(ctx, p, "PUT", at+"?digest="+sum(text), text, http.StatusCreated)
		}
		if err != nil {
			return nil, err
		}
		parts, digests = append(parts, descriptor{"application/octet-stream", sum(text), len(text)}), append(digests, sum(text))
	}
	raw, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": parts[0], "layers": parts[1:],
	})
	w.blobs[sum(raw)] = digests
	return raw, err
}

// send returns the Location of the answer.
func (w *imageWriter) send(ctx context.Context, p *process, method, at string, body []byte, want int) (string, error) {
	reply, text, err := call(ctx, method, p.url+at, body, "Authorization", w.authorization,
		"Content-Type", "application/vnd.oci.image.manifest.v1+json")
	if err == nil && reply.StatusCode != want {
		err = fmt.Errorf("%s %s: %s %s", method, at, reply.Status, text)
	}
	if err != nil {
		return "", err
	}
	return reply.Header.Get("Location"), nil
}

func deleteImage(ctx context.Context, p *process, id types.ImageIdentifier) error {
	_, err := p.ecr().BatchDeleteImage(ctx, &ecr.BatchDeleteImageInput{RepositoryName: aws.String("shared"), ImageIds: []types.ImageIdentifier{id}})
	return err
}

func (w *imageWriter) verify(t testing.TB, p *process) {
	t.Helper()
	got := map[string][]string{}
	pages := ecr.NewDescribeImagesPaginator(p.ecr(), &ecr.DescribeImagesInput{RepositoryName: aws.String("shared")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		wantOK(t, err)
		for _, is := range page.ImageDetails {
			if _, mine := w.blobs[*is.ImageDigest]; mine {
				got[*is.ImageDigest] = is.ImageTags
			}
		}
	}
	w.available(t, p)
	if w.maybe != nil && same(got, w.maybe) {
		w.now = w.maybe
	}
	w.maybe = nil
	if !same(got, w.now) {
		t.Errorf("%s has the images %v, want %v", w.name, got, w.now)
		return
	}
	for digest, tags := range w.now {
		for _, at := range append(slices.Clone(tags), digest) {
			w.pull(t, p, "manifests/"+at, digest)
		}
		for _, blob := range w.blobs[digest] {
			w.pull(t, p, "blobs/"+blob, blob)
		}
	}
}

// available looks whether what is said to be there, and so would not be uploaded again, is there.
func (w *imageWriter) available(t testing.TB, p *process) {
	t.Helper()
	for some := range slices.Chunk(w.tried, 100) {
		out, err := p.ecr().BatchCheckLayerAvailability(t.Context(), &ecr.BatchCheckLayerAvailabilityInput{
			RepositoryName: aws.String("shared"), LayerDigests: some,
		})
		wantOK(t, err)
		for _, layer := range out.Layers {
			w.pull(t, p, "blobs/"+*layer.LayerDigest, *layer.LayerDigest)
		}
	}
	w.tried = nil
}

func same(a, b map[string][]string) bool {
	return maps.EqualFunc(a, b, func(x, y []string) bool { return len(x) == 0 && len(y) == 0 || reflect.DeepEqual(x, y) })
}

func (w *imageWriter) pull(t testing.TB, p *process, at, digest string) {
	t.Helper()
	reply, text, err := call(t.Context(), "GET", p.url+"/v2/shared/"+at, nil, "Authorization", w.authorization)
	wantOK(t, err)
	if reply.StatusCode != http.StatusOK || sum(text) != digest {
		t.Errorf("%s is %s %s, want %s", at, reply.Status, sum(text), digest)
	}
}

func sum(text []byte) string {
	is := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(is[:])
}

func randomBytes(random *rand.Rand, n int) []byte {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(random.Uint32())
	}
	text := make([]byte, n)
	_, _ = rand.NewChaCha8(seed).Read(text)
	return text
}
