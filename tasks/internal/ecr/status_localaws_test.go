package ecr_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/localaws"
)

var all = ecr.StatusOptions{Newest: -1, Looked: 200}

// forPlatform is an image whose configuration names its platform.
func forPlatform(t *testing.T, architecture string) v1.Image {
	t.Helper()
	made, err := mutate.ConfigFile(image(t),
		&v1.ConfigFile{OS: "linux", Architecture: architecture, RootFS: v1.RootFS{Type: "layers"}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func platformIndex(images map[string]v1.Image, more ...mutate.IndexAddendum) v1.ImageIndex {
	made := v1.ImageIndex(empty.Index)
	for _, architecture := range []string{"amd64", "arm64"} {
		if img := images[architecture]; img != nil {
			made = mutate.AppendManifests(made,
				mutate.IndexAddendum{
					Add:        img,
					Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
				})
		}
	}
	return mutate.AppendManifests(made, more...)
}

func attested(t *testing.T) mutate.IndexAddendum {
	return mutate.IndexAddendum{Add: image(t), Descriptor: v1.Descriptor{
		Platform: &v1.Platform{
			OS:           "unknown",
			Architecture: "unknown",
		}, Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"},
	}}
}

// status is that of the repository demo; by tag are its rows.
func (r registry) status(t *testing.T, o ecr.StatusOptions) (got ecr.Repository, byTag map[string]ecr.Row) {
	t.Helper()
	got, err := ecr.Status(t.Context(), r.Client, "demo", o)
	if err != nil {
		t.Fatal(err)
	}
	byTag = map[string]ecr.Row{}
	for _, row := range got.Images {
		byTag[strings.Join(row.Tags, " ")] = row
	}
	return got, byTag
}

// An index of two platforms with an attestation and a referrer, an index of indexes that shares an image with it, and a
// lone image: three rows, and nothing is counted twice.
func TestStatusFoldsWhatBelongsToAnImage(t *testing.T) {
	r := serveWith(t, localaws.Options{Findings: localaws.Findings{"demo": {"lone": {Findings: []localaws.Finding{
		{Name: "CVE-2026-1", Severity: "HIGH"}, {Name: "CVE-2026-2", Severity: "HIGH"}, {
			Name:     "CVE-2026-3",
			Severity: "CRITICAL",
		},
	}}}}})
	amd64, arm64 := forPlatform(t, "amd64"), forPlatform(t, "arm64")
	made := platformIndex(map[string]v1.Image{"amd64": amd64, "arm64": arm64}, attested(t))
	r.push(t, made, "v1")
	r.push(t, r.referrer(t, made), "")
	r.push(t, index(platformIndex(map[string]v1.Image{"amd64": amd64})), "outer")
	r.push(t, forPlatform(t, "riscv64"), "lone")
	if _, err := r.StartImageScan(t.Context(),
		&awsecr.StartImageScanInput{
			RepositoryName: aws.String("demo"),
			ImageId:        &types.ImageIdentifier{ImageTag: aws.String("lone")},
		}); err != nil {
		t.Fatal(err)
	}
	got, rows := r.status(t, all)
	if got.ImageCount != 8 || got.TopLevelCount != 3 || len(got.Images) != 3 || got.Warnings != nil {
		t.Fatalf("%d images, %d at the top, %d rows, warnings %q, want 8, 3, 3 and none", got.ImageCount, got.TopLevelCount,
			len(got.Images), got.Warnings)
	}
	var sum int64
	for _, part := range slices.Concat(rows["v1"].Children, rows["v1"].Referrers) {
		sum += part.SizeBytes
	}
	if row := rows["v1"]; len(row.Children) != 3 || len(row.Referrers) != 1 || row.SizeBytes != sum || sum == 0 ||
		!slices.Equal(row.Platforms, []string{"linux/amd64", "linux/arm64"}) || row.Children[2].Kind != ecr.KindAttestation {
		t.Errorf("v1 is %+v, want two platforms, an attestation and a referrer, and their sizes' sum %d", row, sum)
	}
	if shared := rows["outer"].SizeBytes; rows["v1"].SizeBytes+rows["lone"].SizeBytes != got.SizeBytes || shared == 0 {
		t.Errorf("the rows v1 of %d bytes and lone of %d do not add up to %d: what outer lists is in v1",
			rows["v1"].SizeBytes, rows["lone"].SizeBytes, got.SizeBytes)
	}
	if row := rows["outer"]; !slices.Equal(row.Platforms,
		[]string{"linux/amd64"}) || len(row.Children) != 2 || row.SizeBytes != row.Children[1].SizeBytes {
		t.Errorf("outer is %+v, want an index and an image below it", row)
	}
	row := rows["lone"]
	if !slices.Equal(row.Platforms,
		[]string{"linux/riscv64"}) || row.Scan.Status != ecr.ScanFound || row.Scan.Findings["high"] != 2 ||
		row.Scan.Findings["critical"] != 1 {
		t.Errorf("lone is %+v, want its platform from its configuration, and 1 critical and 2 high", row)
	}
	if newest, _ := r.status(t,
		ecr.StatusOptions{Newest: 1}); len(newest.Images) != 1 || newest.TopLevelCount != 3 ||
		newest.SizeBytes != got.SizeBytes {
		t.Errorf("the newest one is %+v, want the same totals", newest)
	}
}

func TestStatusTellsArchivedImagesApart(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "old")
	r.push(t, image(t), "new")
	if _, err := r.UpdateImageStorageClass(t.Context(), &awsecr.UpdateImageStorageClassInput{
		RepositoryName: aws.String(
			"demo"), ImageId: &types.ImageIdentifier{ImageTag: aws.String(
			"old")}, TargetStorageClass: types.TargetStorageClassArchive,
	}); err != nil {
		t.Fatal(err)
	}
	got, rows := r.status(t, all)
	old := rows["old"]
	if got.ArchivedCount != 1 || got.ArchivedBytes != old.SizeBytes ||
		got.SizeBytes != old.SizeBytes+rows["new"].SizeBytes ||
		old.Status != "ARCHIVED" || old.Scan.Status != ecr.ScanArchived || old.ArchivedAt == nil {
		t.Errorf("status %+v, want old archived and counted apart", got)
	}
}

func TestStatusSaysWhenImagesExpire(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "v1")
	if _, err := r.PutLifecyclePolicy(t.Context(),
		&awsecr.PutLifecyclePolicyInput{RepositoryName: aws.String("demo"), LifecyclePolicyText: aws.String(
			`{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days",` +
				`"countNumber":30},"action":{"type":"expire"}}]}`)}); err != nil {
		t.Fatal(err)
	}
	_, rows := r.status(t, all)
	if row := rows["v1"]; row.Kind != ecr.KindImage || row.Expiry.Kind != ecr.ExpiryAt ||
		row.ExpiresAt.Sub(*row.PushedAt) != 30*24*time.Hour {
		t.Errorf("v1 is %+v, want it to expire in 30 days", row)
	}
}

// patient is the client as the tasks have it, but for the pauses between tries.
func (r registry) patient() registry {
	r.Client = awsecr.New(r.Options(), func(o *awsecr.Options) {
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts, s.RateLimiter = 12, ratelimit.None
			s.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
		})
	})
	return r
}

// many puts n indexes of two images each and a referrer to each index into the repository, and half of them into a
// further index: 2,500 manifests for n = 600.
func (r registry) many(t *testing.T, n int) {
	t.Helper()
	put := func(manifest, mediaType string) string {
		out, err := r.PutImage(t.Context(),
			&awsecr.PutImageInput{
				RepositoryName: aws.String("demo"), ImageManifest: &manifest,
				ImageManifestMediaType: &mediaType,
			})
		if err != nil {
			t.Error(err)
			return ""
		}
		return fmt.Sprintf(`"mediaType":%q,"size":%d,"digest":%q`, mediaType, len(manifest),
			aws.ToString(out.Image.ImageId.ImageDigest))
	}
	base := forPlatform(t, "amd64")
	r.push(t, base, "base")
	text, err := base.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	const one, list = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
	oci := strings.ReplaceAll(string(text), "application/vnd.docker.distribution.manifest.v2+json", one)
	numbered := func(format string, args ...any) string {
		return strings.Replace(oci, "{", fmt.Sprintf("{"+format+",", args...), 1)
	}
	var group errgroup.Group
	group.SetLimit(16)
	for i := range n {
		group.Go(func() error {
			a, b := put(numbered(`"annotations":{"n":"a%d"}`, i), one), put(numbered(`"annotations":{"n":"b%d"}`, i), one)
			index := put(
				fmt.Sprintf(
					`{"schemaVersion":2,"mediaType":%q,"manifests":[{%s,"platform":{"os":"linux",`+
						`"architecture":"amd64"}},{%s}]}`, list, a, b), list)
			put(numbered(`"subject":{%s}`, index), one)
			if i%6 == 0 {
				put(fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[{%s}]}`, list, index), list)
			}
			return nil
		})
	}
	_ = group.Wait()
}

// Under throttling and failures of the server the answer is the same as without.
func TestStatusOfManyImagesOnABadDay(t *testing.T) {
	takesLong(t)
	faults := new(localaws.Faults)
	r := serveWith(t, localaws.Options{Faults: faults})
	const n = 600
	r.many(t, n)
	want, _ := r.status(t, ecr.StatusOptions{Newest: 5, Looked: 5})
	if want.ImageCount != 4*n+n/6+1 || want.TopLevelCount != n+1 {
		t.Fatalf("%d images, %d at the top, want %d and %d", want.ImageCount, want.TopLevelCount, 4*n+n/6+1, n+1)
	}
	if err := faults.Set(
		localaws.Fault{Service: "ecr", Kind: localaws.Throttle, Probability: 0.3, Seed: 1},
		localaws.Fault{Service: "ecr", Kind: localaws.ServerError, Status: 503, Probability: 0.1, Seed: 2},
	); err != nil {
		t.Fatal(err)
	}
	got, _ := r.patient().status(t, ecr.StatusOptions{Newest: 5, Looked: 5})
	if hits := faults.Hits(); hits[0] == 0 || hits[1] == 0 {
		t.Errorf("the faults hit %v times", hits)
	}
	if got.Totals != want.Totals || len(got.Images) != 5 || got.Warnings != nil {
		t.Errorf("on a bad day %+v with warnings %q, want %+v", got.Totals, got.Warnings, want.Totals)
	}
}

// What is known before the credentials expire comes with the error.
func TestStatusWithCredentialsThatExpire(t *testing.T) {
	faults := new(localaws.Faults)
	r := serveWith(t, localaws.Options{Faults: faults})
	r.push(t, image(t), "v1")
	if err := faults.Set(localaws.Fault{Service: "ecr", Operation: "DescribeImages", Kind: localaws.Expired}); err != nil {
		t.Fatal(err)
	}
	got, err := ecr.Status(t.Context(), r.Client, "demo", all)
	fault, ok := errors.AsType[smithy.APIError](err)
	if !ok || fault.ErrorCode() != "ExpiredTokenException" || !got.Exists || got.URI == "" {
		t.Errorf("status %+v, %v, want the repository and ExpiredTokenException", got, err)
	}
}

// refusing is a client that may not ask for scans and the policy, as a policy for readers may have it.
type refusing struct {
	registry
	scans *int
}

func (refusing) GetLifecyclePolicy(context.Context, *awsecr.GetLifecyclePolicyInput,
	...func(*awsecr.Options),
) (*awsecr.GetLifecyclePolicyOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
}

func (r refusing) DescribeImageScanFindings(context.Context, *awsecr.DescribeImageScanFindingsInput,
	...func(*awsecr.Options),
) (*awsecr.DescribeImageScanFindingsOutput, error) {
	*r.scans++
	return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
}

func TestStatusWithoutPermissionToLookInside(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "v1")
	got, err := ecr.Status(t.Context(), ecr.ClientOf(refusing{r, new(int)}), "demo", all)
	if err != nil {
		t.Fatal(err)
	}
	row := got.Images[0]
	if row.Scan.Status != ecr.ScanUnknown || row.Expiry.Kind != ecr.ExpiryUnknown || len(got.Warnings) != 2 ||
		!strings.Contains(got.Warnings[1], "AccessDeniedException") {
		t.Errorf("row %+v, warnings %q, want both unknown and a warning each", row, got.Warnings)
	}
}

func TestStatusOfARepositoryThatVanishes(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "v1")
	got, err := ecr.Status(t.Context(), ecr.ClientOf(vanishing{r}), "demo", all)
	if err != nil || got.Exists || len(got.Images) != 0 {
		t.Errorf("status %+v, %v, want it missing", got, err)
	}
}

// A download takes nothing along but what the address says, and is believed only with the right digest.
func TestPlatformsSendNoCredentials(t *testing.T) {
	r := serve(t)
	r.push(t, forPlatform(t, "riscv64"), "v1")
	var sent []http.Header
	spy := &http.Client{Transport: roundTripper(func(request *http.Request) (*http.Response, error) {
		sent = append(sent, request.Header)
		return http.DefaultTransport.RoundTrip(request)
	})}
	got, err := ecr.Status(t.Context(), r.Client, "demo", ecr.StatusOptions{Newest: 1, Looked: 1, HTTP: spy})
	if err != nil || len(sent) != 1 || len(sent[0]) != 0 || !slices.Equal(got.Images[0].Platforms,
		[]string{"linux/riscv64"}) {
		t.Errorf("sent %v, got %+v, %v, want one request without headers, and the platform", sent, got.Images, err)
	}
	forged := &http.Client{Transport: roundTripper(func(request *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Request: request, Body: http.NoBody}, nil
	})}
	got, err = ecr.Status(t.Context(), r.Client, "demo", ecr.StatusOptions{Newest: 1, Looked: 1, HTTP: forged})
	if err != nil || len(got.Images[0].Platforms) != 0 || len(got.Warnings) != 1 || strings.Contains(got.Warnings[0],
		"http") {
		t.Errorf("got %+v, %v, warnings %q, want no platform, and a warning without the address", got.Images, err,
			got.Warnings)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// The commit of an image is what its labels say, that of an index what its annotations say.
func TestStatusNamesTheCommit(t *testing.T) {
	r := serveWith(t, localaws.Options{})
	const commit = "2df9d4b5115989ac4fbc28dd104c098e7300a175"
	said := map[string]string{"org.opencontainers.image.revision": commit}
	labelled, err := mutate.Config(image(t), v1.Config{Labels: said})
	if err != nil {
		t.Fatal(err)
	}
	said = map[string]string{"org.opencontainers.image.revision": commit + "-dirty"}
	made := mutate.Annotations(platformIndex(map[string]v1.Image{"amd64": forPlatform(t, "amd64")}), said)
	r.push(t, labelled, "lone")
	r.push(t, made.(v1.ImageIndex), "index")
	r.push(t, forPlatform(t, "arm64"), "none")
	_, byTag := r.status(t, all)
	for tag, want := range map[string]string{"lone": commit, "index": commit + "-dirty", "none": ""} {
		if got := byTag[tag].Revision; got != want {
			t.Errorf("%s is of commit %q, want %q", tag, got, want)
		}
	}
}
