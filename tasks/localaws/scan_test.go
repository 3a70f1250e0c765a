package localaws_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	v1types "github.com/google/go-containerregistry/pkg/v1/types"

	"envoy-proxy-poc/tasks/localaws"
)

// codeOf is the name of an exception, "" for an error that is none.
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// withFile is an image of one layer that holds one file.
func withFile(t *testing.T, name string) v1.Image {
	t.Helper()
	var layer bytes.Buffer
	files := tar.NewWriter(&layer)
	wantOK(t, files.WriteHeader(&tar.Header{Name: name, Size: 5, Mode: 0o644}))
	_, err := files.Write([]byte("ID=x\n"))
	wantOK(t, err)
	wantOK(t, files.Close())
	img, err := mutate.AppendLayers(empty.Image, static.NewLayer(layer.Bytes(), v1types.OCIUncompressedLayer))
	wantOK(t, err)
	return img
}

// scan sums the last scan of app:tag up: its status, and its findings or the error's code.
func (l *local) scan(tag string) string {
	l.t.Helper()
	out, err := l.ecr().DescribeImageScanFindings(l.t.Context(), &ecr.DescribeImageScanFindingsInput{
		RepositoryName: aws.String("app"), ImageId: &byTag(tag)[0],
	})
	if err != nil {
		return codeOf(err)
	}
	if out.ImageScanFindings == nil {
		return fmt.Sprint(out.ImageScanStatus.Status)
	}
	return fmt.Sprintf("%s %d %d", out.ImageScanStatus.Status, len(out.ImageScanFindings.Findings), len(out.ImageScanFindings.EnhancedFindings))
}

func (l *local) startScan(tag string) error {
	_, err := l.ecr().StartImageScan(l.t.Context(), &ecr.StartImageScanInput{RepositoryName: aws.String("app"), ImageId: &byTag(tag)[0]})
	return err
}

func TestScanOfAnImage(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app")
	auth := l.login()
	l.push("app:debian", withFile(t, "./etc/os-release"), auth)
	l.push("app:scratch", withFile(t, "app"), auth)

	for tag, want := range map[string]string{"debian": "COMPLETE 0 0", "scratch": "UNSUPPORTED_IMAGE"} {
		if got := l.scan(tag); got != "ScanNotFoundException" {
			t.Errorf("before a scan of %s: %s", tag, got)
		}
		wantOK(t, l.startScan(tag))
		for range 2 {
			if got := l.scan(tag); got != want {
				t.Errorf("after a scan of %s: %s, want %s", tag, got, want)
			}
		}
		l.pass(24*time.Hour - time.Minute)
		wantCode(t, l.startScan(tag), "LimitExceededException")
		l.pass(time.Minute)
		wantOK(t, l.startScan(tag))
	}
	wantCode(t, l.startScan("none"), "ImageNotFoundException")
	if got := l.scan("none"); got != "ImageNotFoundException" {
		t.Errorf("the scan of an image that is not there: %s", got)
	}
	l.restart()
	if got := l.scan("scratch"); got != "UNSUPPORTED_IMAGE" {
		t.Errorf("after a restart: %s", got)
	}
}

func TestWhatCannotBeScanned(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app", func(in *ecr.CreateRepositoryInput) {
		in.ImageScanningConfiguration = &types.ImageScanningConfiguration{ScanOnPush: true}
	})
	index, err := random.Index(100, 1, 1)
	wantOK(t, err)
	wantOK(t, remote.WriteIndex(l.ref("app:index"), index, l.login()))
	chart := mutate.ConfigMediaType(mutate.MediaType(image(t), v1types.OCIManifestSchema1), "application/vnd.cncf.helm.config.v1+json")
	l.push("app:chart", chart, l.login())

	for tag, kind := range map[string]string{"index": "image.index", "chart": "helm"} {
		if err := l.startScan(tag); codeOf(err) != "UnsupportedImageTypeException" || !strings.Contains(err.Error(), kind) {
			t.Errorf("scanning a %s: %v, want UnsupportedImageTypeException", tag, err)
		}
		if got := l.scan(tag); got != "ScanNotFoundException" {
			t.Errorf("a push of a %s was scanned: %s", tag, got)
		}
	}
}

func TestScanOnPush(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("app", func(in *ecr.CreateRepositoryInput) {
		in.ImageScanningConfiguration = &types.ImageScanningConfiguration{ScanOnPush: true}
	})
	l.push("app:v1", withFile(t, "lib/apk/db/installed"), l.login())
	if got := l.scan("v1"); got != "COMPLETE 0 0" {
		t.Errorf("after a push: %s", got)
	}
	wantCode(t, l.startScan("v1"), "LimitExceededException")

	l.setScanning("BASIC", "SCAN_ON_PUSH", "other")
	l.push("app:v2", withFile(t, "usr/lib/os-release"), l.login())
	if got := l.scan("v2"); got != "ScanNotFoundException" {
		t.Errorf("after a push with registry rules for another repository: %s", got)
	}
}

func (l *local) setScanning(kind types.ScanType, frequency types.ScanFrequency, filters ...string) {
	l.t.Helper()
	rule := types.RegistryScanningRule{ScanFrequency: frequency, RepositoryFilters: []types.ScanningRepositoryFilter{}}
	for _, filter := range filters {
		rule.RepositoryFilters = append(rule.RepositoryFilters, types.ScanningRepositoryFilter{Filter: &filter, FilterType: types.ScanningRepositoryFilterTypeWildcard})
	}
	_, err := l.ecr().PutRegistryScanningConfiguration(l.t.Context(),
		&ecr.PutRegistryScanningConfigurationInput{ScanType: kind, Rules: []types.RegistryScanningRule{rule}})
	wantOK(l.t, err)
}

func TestSeededFindings(t *testing.T) {
	one := localaws.Finding{Name: "CVE-2026-1", Severity: "HIGH", Package: "openssl", Version: "3.0.1", FixedIn: "3.0.2", URI: "https://x.example/1"}
	l := start(t, localaws.Options{Findings: localaws.Findings{
		"app": {
			"v1":    {Findings: []localaws.Finding{one, {Name: "CVE-2026-2", Severity: "UNDEFINED"}}},
			"slow":  {Takes: time.Minute},
			"index": {Findings: []localaws.Finding{one}},
			"bad":   {Status: "FAILED", Description: "Out of memory."},
		},
		"*": {"*": {Status: "SCAN_ELIGIBILITY_EXPIRED"}},
	}})
	l.repository("app")
	auth := l.login()
	for _, tag := range []string{"v1", "slow", "bad", "other"} {
		l.push("app:"+tag, withFile(t, tag), auth)
		wantOK(t, l.startScan(tag))
	}
	for tag, want := range map[string]string{"v1": "COMPLETE 2 0", "slow": "IN_PROGRESS", "bad": "FAILED", "other": "SCAN_ELIGIBILITY_EXPIRED 0 0"} {
		if got := l.scan(tag); got != want {
			t.Errorf("the scan of %s: %s, want %s", tag, got, want)
		}
	}
	l.pass(time.Minute)
	if got := l.scan("slow"); got != "COMPLETE 0 0" {
		t.Errorf("a minute later the slow scan: %s", got)
	}
	l.wantHighFinding()

	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: withFile(t, "child")})
	wantOK(t, remote.WriteIndex(l.ref("app:index"), index, auth))
	im, err := index.IndexManifest()
	wantOK(t, err)
	child := byDigest(im.Manifests[0].Digest.String())[0]
	_, err = l.ecr().StartImageScan(t.Context(), &ecr.StartImageScanInput{RepositoryName: aws.String("app"), ImageId: &child})
	wantOK(t, err)
	out, err := l.ecr().DescribeImageScanFindings(t.Context(), &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String("app"), ImageId: &child})
	wantOK(t, err)
	if len(out.ImageScanFindings.Findings) != 1 {
		t.Errorf("an index's child has %d findings, want the one of the index's tag", len(out.ImageScanFindings.Findings))
	}
}

func (l *local) wantHighFinding() {
	l.t.Helper()
	out, err := l.ecr().DescribeImageScanFindings(l.t.Context(), &ecr.DescribeImageScanFindingsInput{
		RepositoryName: aws.String("app"), ImageId: &byTag("v1")[0], MaxResults: aws.Int32(1),
	})
	wantOK(l.t, err)
	got := out.ImageScanFindings.Findings
	if len(got) != 1 || got[0].Severity != types.FindingSeverityHigh || *got[0].Attributes[0].Value+*got[0].Attributes[1].Value != "openssl3.0.1" {
		l.t.Errorf("a page of one has %d findings, the first %+v", len(got), got)
	}
	if counts := out.ImageScanFindings.FindingSeverityCounts; counts["HIGH"] != 1 || counts["UNDEFINED"] != 1 {
		l.t.Errorf("counts are %v, want those of all pages", counts)
	}
	if out.NextToken == nil || *out.ImageId.ImageTag != "v1" || !strings.HasPrefix(*out.ImageId.ImageDigest, "sha256:") {
		l.t.Errorf("token %v of %v, want one", out.NextToken, out.ImageId)
	}
}

func TestPagesOfFindings(t *testing.T) {
	var many []localaws.Finding
	for i := range 1203 {
		many = append(many, localaws.Finding{Name: fmt.Sprintf("CVE-2026-%d", i), Severity: "LOW"})
	}
	l := start(t, localaws.Options{Findings: localaws.Findings{"*": {"*": {Findings: many}}}})
	l.repository("app")
	l.push("app:v1", image(t), l.login())
	wantOK(t, l.startScan("v1"))
	for size, want := range map[int32]int{0: 13, 100: 13, 1000: 2, 401: 3, 1203: 0} {
		in := &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String("app"), ImageId: &byTag("v1")[0]}
		if size > 0 {
			in.MaxResults = &size
		}
		pages, names := 0, map[string]bool{}
		for list := ecr.NewDescribeImageScanFindingsPaginator(l.ecr(), in); list.HasMorePages(); pages++ {
			page, err := list.NextPage(t.Context())
			if size > 1000 {
				wantCode(t, err, "InvalidParameterException")
				break
			}
			wantOK(t, err)
			for _, one := range page.ImageScanFindings.Findings {
				names[*one.Name] = true
			}
		}
		if pages != want || want > 0 && len(names) != len(many) {
			t.Errorf("pages of %d: %d pages with %d findings, want %d with %d", size, pages, len(names), want, len(many))
		}
	}
}

func TestEnhancedScanning(t *testing.T) {
	l := start(t, localaws.Options{Findings: localaws.Findings{"app": {"v1": {Findings: []localaws.Finding{
		{Name: "CVE-2026-1", Severity: "UNDEFINED", Package: "openssl", Version: "3.0.1", FixedIn: "3.0.2"},
	}}}}})
	l.repository("app")
	l.push("app:v1", image(t), l.login())
	l.setScanning("ENHANCED", "CONTINUOUS_SCAN", "a*p")
	wantCode(t, l.startScan("v1"), "ValidationException")
	if got := l.scan("v1"); got != "ACTIVE 0 1" {
		t.Errorf("a continuous scan: %s", got)
	}
	out, err := l.ecr().DescribeImageScanFindings(t.Context(), &ecr.DescribeImageScanFindingsInput{RepositoryName: aws.String("app"), ImageId: &byTag("v1")[0]})
	wantOK(t, err)
	is := out.ImageScanFindings.EnhancedFindings[0]
	if *is.Severity != "UNTRIAGED" || *is.FixAvailable != "YES" || *is.PackageVulnerabilityDetails.VulnerablePackages[0].FixedInVersion != "3.0.2" ||
		is.FirstObservedAt.IsZero() || out.ImageScanFindings.FindingSeverityCounts["UNTRIAGED"] != 1 {
		t.Errorf("the finding is %+v", is)
	}
	l.setScanning("ENHANCED", "SCAN_ON_PUSH", "ap")
	if got := l.scan("v1"); got != "COMPLETE 0 1" {
		t.Errorf("an enhanced scan on push: %s", got)
	}
	l.setScanning("ENHANCED", "CONTINUOUS_SCAN", "other")
	if got := l.scan("v1"); got != "ScanNotFoundException" {
		t.Errorf("no filter matches: %s", got)
	}
}

func TestScanningConfigurations(t *testing.T) {
	l := start(t, localaws.Options{})
	l.repository("team/app")
	api, ctx := l.ecr(), t.Context()
	is, err := api.GetRegistryScanningConfiguration(ctx, &ecr.GetRegistryScanningConfigurationInput{})
	wantOK(t, err)
	if is.ScanningConfiguration.ScanType != types.ScanTypeBasic || len(is.ScanningConfiguration.Rules) != 0 {
		t.Errorf("the default is %+v", is.ScanningConfiguration)
	}
	l.setScanning("BASIC", "SCAN_ON_PUSH", "app", "none", "t*m/*p")
	l.restart()
	api = l.ecr()
	is, err = api.GetRegistryScanningConfiguration(ctx, &ecr.GetRegistryScanningConfigurationInput{})
	wantOK(t, err)
	if len(is.ScanningConfiguration.Rules) != 1 || len(is.ScanningConfiguration.Rules[0].RepositoryFilters) != 3 {
		t.Errorf("after a restart it is %+v", is.ScanningConfiguration)
	}
	of, err := api.BatchGetRepositoryScanningConfiguration(ctx, &ecr.BatchGetRepositoryScanningConfigurationInput{RepositoryNames: []string{"team/app", "nowhere"}})
	wantOK(t, err)
	if len(of.Failures) != 1 || of.Failures[0].FailureCode != types.ScanningConfigurationFailureCodeRepositoryNotFound || *of.Failures[0].RepositoryName != "nowhere" {
		t.Errorf("failures are %+v", of.Failures)
	}
	if got := of.ScanningConfigurations; len(got) != 1 || !got[0].ScanOnPush || got[0].ScanFrequency != types.ScanFrequencyScanOnPush || len(got[0].AppliedScanFilters) != 2 {
		t.Errorf("configurations are %+v", got)
	}
	for _, body := range []string{
		`{"scanType":"SOME"}`, `{"scanType":"BASIC","rules":[{"scanFrequency":"CONTINUOUS_SCAN","repositoryFilters":[]}]}`,
		`{"rules":[{"scanFrequency":"SCAN_ON_PUSH"}]}`, `{"rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"A","filterType":"WILDCARD"}]}]}`,
		`{"rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"a","filterType":"REGEX"}]}]}`,
	} {
		if status, code, message := l.call("AmazonEC2ContainerRegistry_V20150921.PutRegistryScanningConfiguration", body, signed); status != 400 || code != "InvalidParameterException" {
			t.Errorf("%s = %d %s: %s, want 400 InvalidParameterException", body, status, code, message)
		}
	}
}
