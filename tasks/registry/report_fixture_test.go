package registry

import (
	"crypto/sha256"
	"fmt"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
)

var reportedAt = time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)

// reportFixture is a small world with one of each: kept, due, in use, found, clean, missing and unknown.
func reportFixture() (statusReport, []string) {
	at := func(days float64) *time.Time { return new(reportedAt.Add(time.Duration(days * float64(day)))) }
	row := func(n int, age float64, tags ...string) ecr.Row {
		return ecr.Row{
			Image: ecr.Image{
				Digest: digestOf(n), Tags: tags, PushedAt: at(-age), SizeBytes: 12_400_000 + int64(n), Status: "ACTIVE",
			},
			Kind: ecr.KindIndex, Platforms: []string{"linux/amd64", "linux/arm64"},
			Revision: digestOf(n)[7:47], Expiry: ecr.Expiry{Kind: ecr.ExpiryAt, ExpiresAt: at(30 - age), Rule: 2},
			Scan: ecr.RowScan{Status: ecr.ScanClean},
			Children: []ecr.Part{
				{Kind: ecr.KindImage, Platform: "linux/amd64", Digest: digestOf(n + 100), SizeBytes: 6_000_000},
				{Kind: ecr.KindImage, Platform: "linux/arm64", Digest: digestOf(n + 200), SizeBytes: 6_100_000, Missing: n == 3},
				{Kind: ecr.KindAttestation, Digest: digestOf(n + 300), SizeBytes: 3_000},
			},
			Referrers: []ecr.Part{
				{Kind: ecr.KindSBOM, Digest: digestOf(n + 400), SizeBytes: 90_000},
				{Kind: ecr.KindSignature, Digest: digestOf(n + 500), SizeBytes: 500},
			},
		}
	}
	bad := row(1, 0.1, "latest", "20260201-093600")
	found := []ecr.Finding{
		{
			Name: "CVE-2026-1", Severity: "critical", URI: "https://cve.example/CVE-2026-1",
			Packages: []ecr.Package{{Name: "openssl", Version: "3.0.1", FixedIn: "3.0.2"}},
		},
		{Name: "CVE-2026-2", Severity: "low"},
	}
	bad.Scan = ecr.RowScan{
		Status: ecr.ScanFound, Findings: ecr.Counts{"critical": 1, "low": 1},
		Platforms: []ecr.PlatformScan{
			{Platform: "linux/amd64", Findings: found},
			{Platform: "linux/arm64", Findings: found[:1]},
		},
	}
	kept, dropped := row(2, 40, "v1.4.0"), row(4, 50, "v1.3.0")
	kept.Expiry = ecr.Expiry{Kind: ecr.ExpiryCount, Rule: 1}
	dropped.Expiry = kept.Expiry
	app := ecr.Repository{
		Name: "poc-app", Exists: true, Images: []ecr.Row{bad, row(3, 26.5), kept, dropped},
		Found:  ecr.Found{URI: "1.dkr.ecr.us-west-2.amazonaws.com/poc-app", CreatedAt: at(-90), Mutability: "MUTABLE"},
		Totals: ecr.Totals{ImageCount: 20, TopLevelCount: 4, ArchivedCount: 1, SizeBytes: 20e9, ArchivedBytes: 5e9},
		Rules: []ecr.RetentionRule{
			{Priority: 1, Images: "tagged v*", Description: "Keep images with a tag v*, the newest 1", Keeps: 1},
			{Priority: 2, Images: "any image", Description: "Expire any image 30 days after its push"},
		},
	}
	client := ecr.Repository{
		Name: "poc-client", Exists: true, Found: app.Found, Images: []ecr.Row{row(6, 3, "v2")}, Rules: app.Rules[1:],
		Warnings: []string{"a warning"},
		Totals:   ecr.Totals{ImageCount: 6, TopLevelCount: 1, SizeBytes: 12_400_006, StorageUSDPerMonth: 0.01},
	}
	client.URI = "1.dkr.ecr.us-west-2.amazonaws.com/poc-client"
	report := statusReport{
		Registry: "1.dkr.ecr.us-west-2.amazonaws.com", Region: "us-west-2",
		Repositories: []ecr.Repository{
			app, client,
			{Name: "poc-gone"},
			{Name: "poc-denied", Error: "describing: denied", Reason: "access denied"},
		},
	}
	report.Totals = ecr.Totals{
		ImageCount: 26, TopLevelCount: 5, ArchivedCount: 1, SizeBytes: 20_012_400_006, ArchivedBytes: 5e9,
	}
	return report, []string{digestOf(104)}
}

func digestOf(n int) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(fmt.Append(nil, n))) }
