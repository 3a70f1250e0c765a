package ecr

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// clean decides about the shelf and executes that.
func clean(ctx context.Context, answering fake, progress func(done, total int)) (Decision, Report, error) {
	client := ClientOf(answering)
	decision, err := Decide(ctx, client, "demo", CleanupOptions{})
	if err != nil || decision.Missing {
		return decision, Report{Missing: decision.Missing}, err
	}
	report, err := decision.Execute(ctx, client, progress)
	return decision, report, err
}

func TestCleanupEmptiesWhateverItsSize(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 1000, 1001, 2500} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := new(shelf).fill(n)
			var last, total int
			decision, report, err := clean(t.Context(), s.client(), func(d, of int) { last, total = d, of })
			if err != nil {
				t.Fatal(err)
			}
			if len(s.images) != 0 || len(decision.Images) != n || report.Deleted != n || report.Missing ||
				decision.ARN != arnOfDemo {
				t.Errorf("left %d, report %+v, want none left and %d deleted", len(s.images), report, n)
			}
			if last != n || total != n {
				t.Errorf("progress ended at %d of %d, want %d of %[3]d", last, total, n)
			}
			if want := (n + 99) / 100; len(s.batches) != want {
				t.Errorf("%d calls, want %d", len(s.batches), want)
			}
		})
	}
}

// Children sort before their index in the listing, one index is in another, one is in Docker's old form and
// untagged, and an archived image and a referrer are there, too.
func TestCleanupTakesIndexesApart(t *testing.T) {
	s := new(shelf)
	s.add("child-a", ociManifest, "inner")
	s.add("child-b", ociManifest, "list")
	s.add("inner", ociIndex, "outer")
	s.add("outer", ociIndex)
	s.add("list", dockerList)
	s.add("signature", ociManifest).SubjectManifestDigest = aws.String("lone")
	s.add("lone", ociManifest).ImageStatus = types.ImageStatusArchived
	decision, report, err := clean(t.Context(), s.client(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(decision.Images) != 7 || decision.Archived != 1 || decision.SizeBytes != 40 || report.Deleted != 7 {
		t.Errorf("%+v, %+v, want 7 found and deleted, 1 archived, 40 bytes in 4 that are no index", decision, report)
	}
	if first := s.batches[0]; !slices.Equal(first, []string{"inner", "outer", "list"}) {
		t.Errorf("the first batch is %q, want the indexes", first)
	}
	if second := s.batches[1]; !slices.Equal(second, []string{"signature"}) {
		t.Errorf("the second batch is %q, want the signature", second)
	}
}

// What AWS does not document comes out right either way: whether ECR deletes an index along with the index that lists
// it, when both are in one call, and whether it removes what refers to an image that goes.
func TestCleanupWhicheverWayAWSDoesIt(t *testing.T) {
	tests := map[string]struct {
		together, along bool
		want            Report
	}{
		"neither":            {false, false, Report{Deleted: 5}},
		"indexes go at once": {true, false, Report{Deleted: 5}},
		"referrers go along": {false, true, Report{Deleted: 4, Vanished: 1}},
		"both":               {true, true, Report{Deleted: 4, Vanished: 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := new(shelf)
			inner := s.add("inner", ociIndex, "outer")
			s.add("outer", ociIndex)
			s.add("child", ociManifest, "inner")
			s.add("lone", ociManifest)
			s.add("signature", ociManifest).SubjectManifestDigest = aws.String("outer")
			if test.together {
				s.parents[*inner.ImageDigest] = nil
			}
			if test.along {
				s.afterwds = func() {
					if !s.holds("outer") {
						s.images = slices.DeleteFunc(s.images,
							func(image types.ImageDetail) bool { return image.SubjectManifestDigest != nil })
					}
				}
			}
			_, report, err := clean(t.Context(), s.client(), nil)
			if err != nil || len(s.images) > 0 || !reflect.DeepEqual(report, test.want) {
				t.Errorf("err = %v, report %+v, want %+v", err, report, test.want)
			}
		})
	}
}

// What is there because of another image comes last.
func TestRemainError(t *testing.T) {
	s := new(shelf)
	s.add("child", ociManifest, "index")
	s.add("index", ociIndex)
	s.add("lone", ociManifest)
	s.refuse = map[string]types.ImageFailureCode{"index": types.ImageFailureCodeKmsError}
	_, report, err := clean(t.Context(), s.client(), nil)
	want := `cleaning "demo": images that remain: 2 (no pass deletes them)` +
		"\n  index: KmsError: because of KmsError\n  child: ImageReferencedByManifestList: because of " +
		"ImageReferencedByManifestList"
	if err == nil || err.Error() != want || report.Deleted != 1 || report.Left != 2 {
		t.Errorf("err = %v, report %+v, want\n%s", err, report, want)
	}
}

func TestCleanupFailureCodes(t *testing.T) {
	tests := []struct {
		code   types.ImageFailureCode
		remain bool
	}{
		{types.ImageFailureCodeImageNotFound, false}, // reported once, by the fake's own rule below
		{types.ImageFailureCodeKmsError, true},
		{types.ImageFailureCodeImageInaccessible, true},
		{types.ImageFailureCodeInvalidImageDigest, true},
		{types.ImageFailureCodeImageReferencedByManifestList, true},
	}
	for _, test := range tests {
		t.Run(string(test.code), func(t *testing.T) {
			s := new(shelf).fill(150)
			s.refuse = map[string]types.ImageFailureCode{"sha256:00007": test.code}
			if !test.remain { // gone by the time it is deleted
				s.afterwds = func() { s.images = nil }
			}
			_, report, err := clean(t.Context(), s.client(), nil)
			remain, ok := errors.AsType[*RemainError](err)
			if ok != test.remain {
				t.Fatalf("err = %v, want a RemainError: %v", err, test.remain)
			}
			if !test.remain {
				if report.Deleted+report.Vanished != 150 || report.Vanished == 0 {
					t.Errorf("report %+v, want some of 150 vanished", report)
				}
				return
			}
			want := Failure{"sha256:00007", string(test.code), "because of " + string(test.code)}
			if len(remain.Remaining) != 1 || remain.Remaining[0] != want || report.Left != 1 || report.Deleted != 149 {
				t.Errorf("remaining %+v, report %+v, want %+v and 149 deleted", remain.Remaining, report, want)
			}
			if text := err.Error(); !strings.Contains(text, want.Digest) || !strings.Contains(text, want.Code) {
				t.Errorf("the message names neither digest nor code: %s", text)
			}
		})
	}
}

// A server may answer that all is well and delete nothing.
func TestCleanupStopsWithoutProgress(t *testing.T) {
	s := new(shelf).fill(7)
	client := s.client()
	calls := 0
	client.remove = func(context.Context, *awsecr.BatchDeleteImageInput) (*awsecr.BatchDeleteImageOutput, error) {
		calls++
		return &awsecr.BatchDeleteImageOutput{}, nil
	}
	_, _, err := clean(t.Context(), client, nil)
	if _, ok := errors.AsType[*RemainError](err); !ok || calls != 1 {
		t.Fatalf("err = %v after %d calls, want a RemainError after 1", err, calls)
	}
	if !strings.Contains(err.Error(), "and 2 more") {
		t.Errorf("the message does not shorten the list: %s", err)
	}
}

// An index that is pushed between listing and deleting pins children again; a pusher without end is an error.
func TestCleanupWhileSomebodyPushes(t *testing.T) {
	s := new(shelf)
	s.add("child", ociManifest)
	once := false
	s.afterwds = func() {
		if !once {
			once = true
			s.add("late", ociIndex)
			s.add("child", ociManifest, "late")
		}
	}
	if _, report, err := clean(t.Context(), s.client(), nil); err != nil || len(s.images) != 0 || report.Pushed == 0 {
		t.Errorf("err = %v, report %+v with %d left, want an empty repository", err, report, len(s.images))
	}
	n := 0
	s.add("first", ociManifest)
	s.afterwds = func() { n++; s.add(fmt.Sprint("endless", n), ociManifest) }
	_, report, err := clean(t.Context(), s.client(), nil)
	if remain, ok := errors.AsType[*RemainError](err); !ok || !remain.Pushing || report.Pushed != passes ||
		report.Left != 1 {
		t.Errorf("err = %v, report %+v, want one that says that somebody pushes", err, report)
	}
}

func TestCleanupMissingRepository(t *testing.T) {
	client := fake{repositories: func(*awsecr.DescribeRepositoriesInput) (*awsecr.DescribeRepositoriesOutput, error) {
		return nil, notFound
	}}
	_, report, err := clean(t.Context(), client, nil)
	if err != nil || !report.Missing {
		t.Errorf("report %+v, err %v, want it missing and no error", report, err)
	}

	s := new(shelf).fill(250) // removed by somebody while it is cleaned
	client = s.client()
	client.remove = func(context.Context, *awsecr.BatchDeleteImageInput) (*awsecr.BatchDeleteImageOutput, error) {
		return nil, notFound
	}
	listed := false
	client.images = func(in *awsecr.DescribeImagesInput) (*awsecr.DescribeImagesOutput, error) {
		if listed {
			return nil, notFound
		}
		listed = true
		return s.list(in)
	}
	if _, report, err := clean(t.Context(), client, nil); err != nil || !report.Missing {
		t.Errorf("report %+v, err = %v, want it missing and no error", report, err)
	}
}

func TestCleanupRefusesAnother(t *testing.T) {
	tests := map[string]struct {
		options CleanupOptions
		want    []string // in the error; empty for none
	}{
		"both as expected": {CleanupOptions{ExpectRegistry: "123456789012", ExpectARNs: []string{"x", arnOfDemo}}, nil},
		"another account":  {CleanupOptions{ExpectRegistry: "999999999999"}, []string{"123456789012", "999999999999"}},
		"another region":   {CleanupOptions{ExpectARNs: []string{"arn:other"}}, []string{arnOfDemo, "arn:other"}},
		"both": {
			CleanupOptions{ExpectRegistry: "9", ExpectARNs: []string{"arn:other"}},
			[]string{`"9"`, "arn:other"},
		},
		"the state's ARN": {CleanupOptions{HeldARNs: []string{arnOfDemo, "arn:aws:ecr:x:1:repository/other"}}, nil},
		"another one in the state": {
			CleanupOptions{HeldARNs: []string{"arn:aws:ecr:eu-central-1:9:repository/demo"}},
			[]string{arnOfDemo, "arn:aws:ecr:eu-central-1:9:repository/demo"},
		},
		"not in the state":       {CleanupOptions{HeldARNs: []string{"arn:aws:ecr:x:1:repository/not-demo"}}, nil},
		"an answer without date": {CleanupOptions{Filter: Filter{OlderThan: 1}}, []string{"has no date"}},
		"one of several ARNs":    {CleanupOptions{ExpectARNs: []string{arnOfDemo, "arn:other"}}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := new(shelf).fill(1)
			_, err := Decide(t.Context(), ClientOf(s.client()), "demo", test.options)
			if (err != nil) != (test.want != nil) {
				t.Fatalf("err = %v, want words %q", err, test.want)
			}
			for _, word := range test.want {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("err = %v, want it to name %s", err, word)
				}
			}
		})
	}
}

// The batch that is under way when the context ends is answered and counted; no further one is sent.
func TestCleanupStopsBetweenBatches(t *testing.T) {
	s := new(shelf).fill(1000)
	ctx, cancel := context.WithCancel(t.Context())
	client := s.client()
	client.remove = func(call context.Context, in *awsecr.BatchDeleteImageInput) (*awsecr.BatchDeleteImageOutput, error) {
		cancel()
		if call.Err() != nil {
			return nil, call.Err()
		}
		return s.remove(call, in)
	}
	_, report, err := clean(ctx, client, nil)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v, want context.Canceled", err)
	}
	if report.Deleted != 1000-len(s.images) || report.Deleted == 0 || report.Deleted > firstWide*batchSize ||
		report.Left != len(s.images) {
		t.Errorf("%d deleted by report, %d in fact, want the same and no more than the batches under way", report.Deleted,
			1000-len(s.images))
	}
}

func TestCleanupReportsAFailedCall(t *testing.T) {
	s := new(shelf).fill(5)
	client := s.client()
	client.remove = func(context.Context, *awsecr.BatchDeleteImageInput) (*awsecr.BatchDeleteImageOutput, error) {
		return nil, &types.ServerException{Message: aws.String("out of order")}
	}
	_, _, err := clean(t.Context(), client, nil)
	if _, ok := errors.AsType[*types.ServerException](err); !ok || !strings.HasPrefix(err.Error(),
		`deleting images of "demo": `) {
		t.Errorf("err = %v, want the server's, with what was done", err)
	}
}
