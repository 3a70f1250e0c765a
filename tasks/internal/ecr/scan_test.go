package ecr_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	registrytypes "github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sync/errgroup"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/localaws"
)

func findings(images map[string]localaws.ScanResult) localaws.Options {
	return localaws.Options{Findings: localaws.Findings{"demo": images}}
}

var cve = localaws.Finding{
	Name: "CVE-2026-1", Severity: "HIGH", Package: "openssl", Version: "3.0.1", FixedIn: "3.0.2",
	URI: "https://x.example/1",
}

// scanOf scans one image and expects one platform of it.
func (r registry) scanOf(t *testing.T, o ecr.ScanOptions) ecr.PlatformScan {
	t.Helper()
	got, err := ecr.Scan(t.Context(), r.Client, "demo", o)
	if err != nil || len(got.Images) != 1 || len(got.Images[0].Scans) != 1 {
		t.Fatalf("Scan %q = %+v, %v, want one image of one platform", o.Image, got, err)
	}
	return got.Images[0].Scans[0]
}

// A word for each state that ECR has, and its reason where there is no result.
func TestScanResults(t *testing.T) {
	results := map[string]localaws.ScanResult{
		"clean": {}, "found": {Findings: []localaws.Finding{cve}}, "pending": {Takes: time.Hour},
		"failed": {
			Status:      "FAILED",
			Description: "Out of memory.",
		}, "unavailable": {Status: "FINDINGS_UNAVAILABLE"}, "limit": {Status: "LIMIT_EXCEEDED"},
		"unsupported": {Status: "UNSUPPORTED_IMAGE"}, "oldunsupported": {
			Status:      "FAILED",
			Description: "UnsupportedImageError: not supported.",
		},
		"expired": {Status: "SCAN_ELIGIBILITY_EXPIRED", Findings: []localaws.Finding{cve}},
	}
	r := serveWith(t, findings(results))
	for tag, want := range map[string]ecr.ScanResult{
		"clean": ecr.ScanClean, "found": ecr.ScanFound, "pending": ecr.ScanPending,
		"failed": ecr.ScanFailed, "unavailable": ecr.ScanFailed, "limit": ecr.ScanFailed,
		"unsupported": ecr.ScanUnsupported, "oldunsupported": ecr.ScanUnsupported, "expired": ecr.ScanExpired,
	} {
		r.push(t, image(t), tag)
		started := 0
		scan := r.scanOf(t, ecr.ScanOptions{Image: tag, Started: func(string) { started++ }})
		if scan.Result != want || started != 1 {
			t.Errorf("%s is %q after %d starts, want %q after one: %+v", tag, scan.Result, started, want, scan)
		}
		if known := want == ecr.ScanClean || want == ecr.ScanFound; known != (scan.Reason == "") && want != ecr.ScanPending {
			t.Errorf("%s has the reason %q", tag, scan.Reason)
		}
		if n := scan.Counts["high"]; n != len(results[tag].Findings) || len(scan.Findings) != n {
			t.Errorf("%s counts %d and lists %d findings, want %d", tag, n, len(scan.Findings), len(results[tag].Findings))
		}
	}
}

// What is no image is not passed off as one that was looked into.
func TestScanOfWhatIsNoImage(t *testing.T) {
	r := serve(t)
	r.push(t, index(), "empty")
	chart := mutate.ConfigMediaType(mutate.MediaType(image(t), "application/vnd.oci.image.manifest.v1+json"),
		"application/vnd.cncf.helm.config.v1+json")
	r.push(t, chart, "chart")
	for tag, want := range map[string]ecr.ScanResult{"empty": ecr.ScanFailed, "chart": ecr.ScanUnsupported} {
		if scan := r.scanOf(t, ecr.ScanOptions{Image: tag}); scan.Result != want || scan.Reason == "" {
			t.Errorf("%s is %+v, want %s and why", tag, scan, want)
		}
	}
}

// A scan that may not be started is told as such, and is no failure of the others.
func TestScanThatCannotBeStarted(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "v1")
	for code, want := range map[string]ecr.ScanResult{
		"AccessDeniedException": ecr.ScanNever, "AccessDenied": ecr.ScanNever, "LimitExceededException": ecr.ScanPending,
	} {
		api := unstarted{r, &smithy.GenericAPIError{Code: code, Message: "because of " + code}}
		got, err := ecr.Scan(t.Context(), ecr.ClientOf(api), "demo", ecr.ScanOptions{})
		if err != nil || got.Images[0].Scans[0].Result != want || !strings.Contains(got.Images[0].Scans[0].Reason, code) {
			t.Errorf("%s: %+v, %v", code, got, err)
		}
	}
	api := ecr.ClientOf(unstarted{r, errors.New("out of reach")})
	if _, err := ecr.Scan(t.Context(), api, "demo", ecr.ScanOptions{}); err == nil {
		t.Error("no error for a start that got no answer")
	}
}

type unstarted struct {
	registry
	err error
}

func (u unstarted) StartImageScan(context.Context, *awsecr.StartImageScanInput,
	...func(*awsecr.Options),
) (*awsecr.StartImageScanOutput, error) {
	return nil, u.err
}

// What cannot be run is not chosen, however new: a cache, a chart, a signature.
func TestScanPassesOverWhatIsNoImage(t *testing.T) {
	r := serve(t)
	r.push(t, image(t), "v1")
	oci := mutate.MediaType(image(t), "application/vnd.oci.image.manifest.v1+json")
	for tag, config := range map[string]registrytypes.MediaType{
		"cache": "application/vnd.buildkit.cacheconfig.v0", "chart": "application/vnd.cncf.helm.config.v1+json",
		"signature": "application/vnd.dev.cosign.artifact.sig.v1+json", "any": "application/vnd.oci.empty.v1+json",
	} {
		r.push(t, mutate.ConfigMediaType(oci, config), tag)
		got, err := ecr.Scan(t.Context(), r.Client, "demo", ecr.ScanOptions{})
		if err != nil || len(got.Images) != 1 || !slices.Equal(got.Images[0].Tags, []string{"v1"}) {
			t.Errorf("after the %s: %+v, %v, want v1", tag, got, err)
		}
	}
}

// The newest image with a tag is chosen, not what refers to it; its platforms are those of the index and of the index
// in it, without the attestation and without what is there twice.
func TestScanOfTheNewestIndex(t *testing.T) {
	r := serveWith(t, findings(map[string]localaws.ScanResult{"*": {Findings: []localaws.Finding{cve}}}))
	r.push(t, image(t), "old")
	amd64, arm64, note := image(t), image(t), image(t)
	platform := func(arch string) v1.Descriptor {
		return v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}}
	}
	inner := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: arm64, Descriptor: platform("arm64")}, mutate.IndexAddendum{
			Add:        amd64,
			Descriptor: platform("amd64"),
		})
	outer := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: amd64, Descriptor: platform("amd64")}, mutate.IndexAddendum{Add: inner},
		mutate.IndexAddendum{Add: note, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{
				OS:           "unknown",
				Architecture: "unknown",
			}, Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"},
		}})
	r.push(t, outer, "new")
	r.push(t, r.referrer(t, outer), "")
	r.push(t, image(t), "sha256-"+strings.Repeat("0", 64)+".sig")

	got, err := ecr.Scan(t.Context(), r.Client, "demo", ecr.ScanOptions{})
	if err != nil || len(got.Images) != 1 || !slices.Equal(got.Images[0].Tags, []string{"new"}) {
		t.Fatalf("Scan = %+v, %v, want the image new", got, err)
	}
	var platforms []string
	for _, scan := range got.Images[0].Scans {
		platforms = append(platforms, fmt.Sprint(scan.Platform, " ", scan.Result))
	}
	if want := []string{"linux/amd64 found", "linux/arm64 found"}; !slices.Equal(platforms, want) {
		t.Errorf("scanned %q, want %q", platforms, want)
	}
}

func TestScanOfWhatIsNotThere(t *testing.T) {
	r := serve(t)
	if got, err := ecr.Scan(t.Context(), r.Client, "absent", ecr.ScanOptions{}); err != nil || got.Exists {
		t.Errorf("Scan of an absent repository = %+v, %v", got, err)
	}
	got, err := ecr.Scan(t.Context(), r.Client, "demo", ecr.ScanOptions{})
	if err != nil || !got.Exists || len(got.Images) != 0 {
		t.Errorf("Scan of an empty repository = %+v, %v", got, err)
	}
	for _, id := range []string{"none", "sha256:" + strings.Repeat("0", 64)} {
		if _, err := ecr.Scan(t.Context(), r.Client, "demo", ecr.ScanOptions{Image: id}); !errors.Is(err, ecr.ErrNoImage) {
			t.Errorf("Scan of %s: %v, want ErrNoImage", id, err)
		}
	}
	r.push(t, image(t), "kept")
	if _, err := r.UpdateImageStorageClass(t.Context(), &awsecr.UpdateImageStorageClassInput{
		RepositoryName: aws.String(
			"demo"), ImageId: &types.ImageIdentifier{ImageTag: aws.String(
			"kept")}, TargetStorageClass: types.TargetStorageClassArchive,
	}); err != nil {
		t.Fatal(err)
	}
	for digits, want := range map[string]error{"sha256:zzz": ecr.ErrNoImage, "sha256:": nil} { // of the one that is there
		if _, err := ecr.Scan(t.Context(), r.Client, "demo", ecr.ScanOptions{Image: digits}); !errors.Is(err, want) {
			t.Errorf("Scan of %s: %v, want %v", digits, err, want)
		}
	}
	if scan := r.scanOf(t, ecr.ScanOptions{Image: "kept"}); scan.Result != ecr.ScanArchived {
		t.Errorf("an archived image is %q", scan.Result)
	}
	if got, err := ecr.Scan(t.Context(), r.Client, "demo", ecr.ScanOptions{}); err != nil || len(got.Images) != 0 {
		t.Errorf("Scan where all is archived = %+v, %v, want no image", got, err)
	}
}

// The digits that a table shows are enough for one image; those of several are none.
func TestScanOfTheFirstDigits(t *testing.T) {
	r := serve(t)
	wanted := image(t)
	r.push(t, wanted, "wanted")
	r.push(t, image(t), "other")
	digest, err := wanted.Digest()
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{digest.String()[:19], digest.String()} {
		if scan := r.scanOf(t, ecr.ScanOptions{Image: shown}); scan.Digest != digest.String() {
			t.Errorf("%s is %s, want %s", shown, scan.Digest, digest)
		}
	}
	all := ecr.ScanOptions{Image: "sha256:"}
	if _, err := ecr.Scan(t.Context(), r.Client, "demo", all); !errors.Is(err, ecr.ErrSeveral) {
		t.Errorf("err = %v for the beginning of both, want ErrSeveral", err)
	}
}

func TestScanWaits(t *testing.T) {
	clock := new(localaws.Clock)
	o := findings(map[string]localaws.ScanResult{"quick": {Takes: time.Hour}, "slow": {Takes: 1000 * time.Hour}})
	o.Now = clock.Now
	r := serveWith(t, o)
	r.push(t, image(t), "quick")
	r.push(t, image(t), "slow")
	looks := 0
	progress := func(int, int) {
		looks++
		clock.Advance(2 * time.Hour)
	}
	if scan := r.scanOf(t,
		ecr.ScanOptions{Image: "quick", Wait: time.Hour, Progress: progress}); scan.Result != ecr.ScanClean || looks != 2 {
		t.Errorf("quick is %q after %d signs of life, want it done after two: one while it runs", scan.Result, looks)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := ecr.Scan(ctx, r.Client, "demo",
		ecr.ScanOptions{Image: "slow", Wait: time.Hour, Progress: func(int, int) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v after an interrupt, want it at once", err)
	}
	if scan := r.scanOf(t, ecr.ScanOptions{Image: "slow", Wait: time.Millisecond}); scan.Result != ecr.ScanPending {
		t.Errorf("slow is %q after the bound, want pending", scan.Result)
	}
}

func TestScanReadsAllPages(t *testing.T) {
	var many []localaws.Finding
	for i := range 2500 {
		many = append(many, localaws.Finding{Name: fmt.Sprintf("CVE-%04d", i), Severity: []string{"LOW", "CRITICAL"}[i%2]})
	}
	r := serveWith(t, findings(map[string]localaws.ScanResult{"*": {Findings: many}}))
	r.push(t, image(t), "v1")
	scan := r.scanOf(t, ecr.ScanOptions{})
	if len(scan.Findings) != 2500 || scan.Counts["critical"] != 1250 || scan.Findings[0].Severity != "critical" ||
		scan.Findings[2499].Severity != "low" {
		t.Errorf("%d findings, %s, want 2500 and the critical ones first", len(scan.Findings), scan.Counts)
	}
}

func TestScanWithEnhancedScanning(t *testing.T) {
	r := serveWith(t,
		findings(map[string]localaws.ScanResult{
			"found": {Findings: []localaws.Finding{cve}}, "clean": {},
			"late": {Takes: time.Hour},
		}))
	for _, tag := range []string{"found", "clean", "late"} {
		r.push(t, image(t), tag)
	}
	configure := func(filter string) {
		t.Helper()
		if _, err := r.PutRegistryScanningConfiguration(t.Context(), &awsecr.PutRegistryScanningConfigurationInput{
			ScanType: types.ScanTypeEnhanced, Rules: []types.RegistryScanningRule{{
				ScanFrequency: types.ScanFrequencyContinuousScan,
				RepositoryFilters: []types.ScanningRepositoryFilter{{
					Filter:     &filter,
					FilterType: types.ScanningRepositoryFilterTypeWildcard,
				}},
			}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	configure("demo")
	found := r.scanOf(t, ecr.ScanOptions{Image: "found"})
	if found.Result != ecr.ScanFound || found.Status != "ACTIVE" || found.Scanning != "enhanced" {
		t.Errorf("found is %+v", found)
	}
	want := ecr.Package{Name: "openssl", Version: "3.0.1", FixedIn: "3.0.2"}
	if f := found.Findings[0]; f.Name != "CVE-2026-1" || f.Packages[0] != want || f.Fix != "YES" || f.URI != cve.URI {
		t.Errorf("the finding is %+v", f)
	}
	if scan := r.scanOf(t, ecr.ScanOptions{Image: "clean", Wait: time.Hour}); scan.Result != ecr.ScanClean {
		t.Errorf("a continuous scan is %q, want clean, at once", scan.Result)
	}
	if scan := r.scanOf(t, ecr.ScanOptions{Image: "late"}); scan.Result != ecr.ScanPending || scan.Status != "PENDING" {
		t.Errorf("late is %+v", scan)
	}
	configure("other")
	if scan := r.scanOf(t,
		ecr.ScanOptions{
			Image: "clean",
			Wait:  time.Hour,
		}); scan.Result != ecr.ScanNever || !strings.Contains(scan.Reason, "none of its rules") {
		t.Errorf("outside of the rules it is %+v, want not scanned, at once", scan)
	}
}

// vanishing loses its repository when it is first asked for a scan.
type vanishing struct{ registry }

func (v vanishing) DescribeImageScanFindings(ctx context.Context, in *awsecr.DescribeImageScanFindingsInput,
	o ...func(*awsecr.Options),
) (*awsecr.DescribeImageScanFindingsOutput, error) {
	if _, err := v.DeleteRepository(ctx,
		&awsecr.DeleteRepositoryInput{RepositoryName: in.RepositoryName, Force: true}); err != nil && !ecr.Missing(err) {
		return nil, err
	}
	return v.registry.DescribeImageScanFindings(ctx, in, o...)
}

func TestScanOfAVanishingRepository(t *testing.T) {
	r := serve(t)
	r.push(t, index(image(t), image(t)), "v1")
	if got, err := ecr.Scan(t.Context(), ecr.ClientOf(vanishing{r}), "demo",
		ecr.ScanOptions{}); err != nil || got.Exists || len(got.Images) != 0 {
		t.Errorf("Scan = %+v, %v, want it gone", got, err)
	}
}

// fill puts n images with a manifest each into the repository, all with the layers of one.
func (r registry) fill(t *testing.T, n int) {
	t.Helper()
	base := image(t)
	r.push(t, base, "base")
	raw, err := base.RawManifest()
	if err != nil {
		t.Fatal(err)
	}
	var pushes errgroup.Group
	pushes.SetLimit(64)
	for i := range n - 1 {
		pushes.Go(func() error {
			manifest := strings.Replace(string(raw), "{", fmt.Sprintf(`{"annotations":{"n":"%d"},`, i), 1)
			_, err := r.PutImage(t.Context(),
				&awsecr.PutImageInput{
					RepositoryName: aws.String("demo"), ImageManifest: &manifest,
					ImageTag: aws.String(fmt.Sprint("t", i)),
				})
			return err
		})
	}
	if err := pushes.Wait(); err != nil {
		t.Fatal(err)
	}
}

// 2,500 images behind an API that throttles three calls of ten and fails some: both verbs find the same as on a good
// day. Credentials that expire half-way end them, with an error that says so.
func TestScanAndForeseeOnABadDay(t *testing.T) {
	takesLong(t)
	clock, faults := new(localaws.Clock), new(localaws.Faults)
	r := serveWith(t, localaws.Options{Now: clock.Now, Faults: faults})
	r.fill(t, 2500)
	r.pass(t, clock, 40*day)
	r.push(t, index(image(t), image(t)), "newest")
	r.policy(t, rule(1, `"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":30`))
	set := func(rules ...localaws.Fault) {
		t.Helper()
		if err := faults.Set(rules...); err != nil {
			t.Fatal(err)
		}
	}
	set(localaws.Fault{Service: "ecr", Kind: localaws.Throttle, Probability: 0.3, Seed: 1},
		localaws.Fault{Service: "ecr", Kind: localaws.ServerError, Every: 7})
	if got, err := ecr.Scan(t.Context(), r.Client, "demo",
		ecr.ScanOptions{Wait: time.Minute}); err != nil || got.Images[0].Tags[0] != "newest" ||
		len(got.Images[0].Scans) != 2 {
		t.Errorf("Scan = %+v, %v", got, err)
	}
	if got, err := ecr.Foresee(t.Context(), r.Client, "demo",
		ecr.RetentionOptions{Wait: time.Minute}); err != nil || len(got.Images) != 2500 || got.ImageCount != 2503 {
		t.Errorf("Foresee takes %d of %d, %v, want 2500 of 2503", len(got.Images), got.ImageCount, err)
	}
	set(localaws.Fault{Service: "ecr", Operation: "DescribeImageScanFindings", Kind: localaws.Expired, After: 1},
		localaws.Fault{Service: "ecr", Operation: "GetLifecyclePolicyPreview", Kind: localaws.Expired, After: 3})
	_, scan := ecr.Scan(t.Context(), r.Client, "demo", ecr.ScanOptions{})
	_, foresee := ecr.Foresee(t.Context(), r.Client, "demo", ecr.RetentionOptions{Wait: time.Minute})
	for _, err := range []error{scan, foresee} {
		if err := awserr.Explain(err, "me"); err == nil || !strings.Contains(err.Error(),
			`the credentials of profile "me" have expired`) {
			t.Errorf("err = %v, want the expiry and what to do", err)
		}
	}
}
