package localaws_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const inlineMax = 64 << 10 // bytes; larger bodies are files

// objectWriter writes states and takes and lets go of locks, as Terraform does: versions of one key.
type objectWriter struct {
	bucket, key string
	versioned   bool
	now         []savedVersion // acknowledged, newest first
	maybe       []savedVersion // with the change that was not acknowledged
	unsure      bool           // there is such a change
	uploads     []string       // ids of those that were not completed
}

// savedVersion is a version: its id ("" when no answer gave it), the digest of its body ("" for a delete marker) and
// its size.
type savedVersion struct {
	id, sum string
	size    int
}

func (w *objectWriter) write(ctx context.Context, p *process, random *rand.Rand) error {
	next, change := w.choose(ctx, p.s3(), random)
	id, err := change()
	if err != nil {
		w.maybe, w.unsure = next, true
		return err
	}
	if len(next) > 0 && next[0].id == "" {
		next[0].id = id
	}
	w.now = next
	return nil
}

// choose picks a change: what there will be after it, and how to make it.
func (w *objectWriter) choose(
	ctx context.Context, client *awss3.Client, random *rand.Rand,
) ([]savedVersion, func() (string, error)) {
	held := len(w.now) > 0 && w.now[0].sum != ""
	switch {
	case len(w.now) > 8:
		i := random.IntN(len(w.now))
		id := w.now[i].id
		return slices.Delete(slices.Clone(w.now), i, i+1), func() (string, error) {
			_, err := client.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &w.bucket, Key: &w.key, VersionId: &id})
			return "", err
		}
	case held && random.IntN(4) == 0: // let go of a lock
		return w.after(savedVersion{}), func() (string, error) {
			out, err := client.DeleteObject(ctx, &awss3.DeleteObjectInput{Bucket: &w.bucket, Key: &w.key})
			if err != nil {
				return "", err
			}
			return aws.ToString(out.VersionId), nil
		}
	}
	text := randomBytes(random, 1+random.IntN(10_000)+random.IntN(2)*inlineMax)
	next := w.after(savedVersion{sum: sum(text), size: len(text)})
	if held && random.IntN(3) == 0 {
		return next, func() (string, error) { return w.multipart(ctx, client, text) }
	}
	in := &awss3.PutObjectInput{Bucket: &w.bucket, Key: &w.key, Body: bytes.NewReader(text)}
	if !held {
		in.IfNoneMatch = aws.String("*") // take a lock
	}
	return next, func() (string, error) {
		out, err := client.PutObject(ctx, in)
		if err != nil {
			return "", err
		}
		return aws.ToString(out.VersionId), nil
	}
}

// after is what there is after a write or, with no body, a delete.
func (w *objectWriter) after(v savedVersion) []savedVersion {
	switch {
	case w.versioned:
		return slices.Insert(slices.Clone(w.now), 0, v)
	case v.sum == "":
		return nil
	}
	v.id = "null"
	return []savedVersion{v}
}

func (w *objectWriter) multipart(ctx context.Context, client *awss3.Client, text []byte) (string, error) {
	up, err := client.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: &w.bucket, Key: &w.key})
	if err != nil {
		return "", err
	}
	w.uploads = append(w.uploads, *up.UploadId)
	part, err := client.UploadPart(ctx, &awss3.UploadPartInput{
		Bucket: &w.bucket, Key: &w.key, UploadId: up.UploadId,
		PartNumber: aws.Int32(1), Body: bytes.NewReader(text),
	})
	if err != nil {
		return "", err
	}
	out, err := client.CompleteMultipartUpload(ctx, &awss3.CompleteMultipartUploadInput{
		Bucket: &w.bucket, Key: &w.key, UploadId: up.UploadId,
		MultipartUpload: &s3types.CompletedMultipartUpload{
			Parts: []s3types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.ETag}},
		},
	})
	if err != nil {
		return "", err
	}
	w.uploads = nil
	return aws.ToString(out.VersionId), nil
}

func (w *objectWriter) verify(t testing.TB, p *process) {
	t.Helper()
	got, current := w.read(t, p.s3())
	if w.unsure && !matches(got, w.now) {
		w.now = w.maybe
	}
	w.maybe, w.unsure = nil, false
	want := ""
	if len(w.now) > 0 {
		want = w.now[0].sum
	}
	if !matches(got, w.now) || current != want {
		t.Errorf("%s/%s has the versions %v and is %q, want %v and %q", w.bucket, w.key, got, current, w.now, want)
	}
	w.abort(t, p.s3())
}

// read reads all versions, in any order, and the current one; "" is none.
func (w *objectWriter) read(t testing.TB, client *awss3.Client) (all []savedVersion, current string) {
	t.Helper()
	list, err := client.ListObjectVersions(t.Context(), &awss3.ListObjectVersionsInput{Bucket: &w.bucket, Prefix: &w.key})
	wantOK(t, err)
	for _, marker := range list.DeleteMarkers {
		all = append(all, savedVersion{id: *marker.VersionId})
	}
	for _, v := range list.Versions {
		text := w.get(t, client, v.VersionId)
		all = append(all, savedVersion{*v.VersionId, sum(text), len(text)})
	}
	if text := w.get(t, client, nil); text != nil {
		current = sum(text)
	}
	return all, current
}

// get returns nil when there is no such object. The SDK compares the body with its checksum.
func (w *objectWriter) get(t testing.TB, client *awss3.Client, id *string) []byte {
	t.Helper()
	out, err := client.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: &w.bucket, Key: &w.key, VersionId: id})
	if missing := (*s3types.NoSuchKey)(nil); errors.As(err, &missing) && id == nil {
		return nil
	}
	wantOK(t, err)
	text, err := io.ReadAll(out.Body)
	wantOK(t, err)
	wantOK(t, out.Body.Close())
	return text
}

// matches compares versions in any order, and learns the ids that no answer gave.
func matches(got, want []savedVersion) bool {
	if len(got) != len(want) {
		return false
	}
	left := slices.Clone(got)
	for _, known := range []bool{true, false} {
		for i, v := range want {
			if (v.id != "") != known {
				continue
			}
			at := slices.IndexFunc(left, func(g savedVersion) bool { return g.sum == v.sum && (!known || g.id == v.id) })
			if at < 0 {
				return false
			}
			want[i] = left[at]
			left = slices.Delete(left, at, at+1)
		}
	}
	return true
}

// abort ends the uploads that were cut off: they are the client's to end.
func (w *objectWriter) abort(t testing.TB, client *awss3.Client) {
	t.Helper()
	for _, id := range w.uploads {
		_, err := client.AbortMultipartUpload(t.Context(), &awss3.AbortMultipartUploadInput{
			Bucket: &w.bucket, Key: &w.key, UploadId: &id,
		})
		if gone := (*s3types.NoSuchUpload)(nil); !errors.As(err, &gone) { // it may have been completed
			wantOK(t, err)
		}
	}
	w.uploads = nil
}

// large counts the bodies that are files.
func (w *objectWriter) large() (n int) {
	for _, v := range w.now {
		if v.size > inlineMax {
			n++
		}
	}
	return n
}
