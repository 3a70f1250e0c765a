package registry

import (
	"testing"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
)

func TestStatusRow(t *testing.T) {
	now := time.Date(2026, 2, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { return new(now.Add(d)) }
	const day = 24 * time.Hour
	image := ecr.Image{
		Digest: "sha256:0123456789abcdef", Tags: []string{"20260201-120000", "v1"},
		PushedAt: at(-3 * time.Hour), SizeBytes: 5_400_000, Status: "ACTIVE",
	}
	change := func(status string, tags ...string) ecr.Image {
		changed := image
		changed.Status, changed.Tags = status, tags
		return changed
	}
	clean := ecr.RowScan{Status: ecr.ScanClean}
	found := ecr.RowScan{Status: ecr.ScanFound, Findings: ecr.Counts{"low": 4, "critical": 2}}
	never := ecr.Expiry{Kind: ecr.ExpiryNever}
	for name, c := range map[string]struct {
		row  ecr.Row
		want string
	}{
		"an index": {
			ecr.Row{
				Image: image, Kind: ecr.KindIndex, Platforms: []string{
					"linux/amd64", "linux/arm64/v8",
					"windows/amd64",
				}, Scan: found,
				Expiry: ecr.Expiry{Kind: ecr.ExpiryAt, ExpiresAt: at(29*day + time.Minute)},
				Children: []ecr.Part{
					{Kind: ecr.KindImage},
					{Kind: ecr.KindAttestation},
					{Kind: ecr.KindAttestation},
					{Kind: ecr.KindImage, Missing: true},
				}, Referrers: []ecr.Part{{Kind: ecr.KindSBOM}},
			},
			"v1 20260201-120000||sha256:0123456789ab|linux/amd64,arm64/v8 windows/amd64|5.4 MB|3 h|30 d|" +
				"2 critical, 4 low|+2 attestations +1 SBOM 1 child missing",
		},
		"a child and a referrer with tags of their own": {
			ecr.Row{
				Image: image, Kind: ecr.KindIndex, Scan: clean, Expiry: never,
				Children: []ecr.Part{
					{Kind: ecr.KindImage, Platform: "linux/amd64"},
					{Kind: ecr.KindImage, Platform: "linux/arm64", Tags: []string{"latest", "v1.4.0"}},
				},
				Referrers: []ecr.Part{{Kind: ecr.KindSBOM, Tags: []string{"parts-of-v1"}}},
			},
			"v1 latest (linux/arm64) v1.4.0 (linux/arm64) parts-of-v1 (SBOM) 20260201-120000||sha256:0123456789ab|" +
				"-|5.4 MB|3 h|never|clean|+1 SBOM",
		},
		"only a child with a tag": {
			ecr.Row{
				Image: ecr.Image{
					Digest: image.Digest, PushedAt: image.PushedAt,
					Status: "ACTIVE",
				}, Kind: ecr.KindIndex, Scan: clean, Expiry: never,
				Children: []ecr.Part{{Kind: ecr.KindImage, Tags: []string{"v2"}}},
			},
			"v2 (image)||sha256:0123456789ab|-|-|3 h|never|clean|",
		},
		"of a commit": {
			ecr.Row{
				Image: image, Kind: ecr.KindImage, Scan: clean, Expiry: never,
				Revision: "2df9d4b5115989ac4fbc28dd104c098e7300a175-dirty",
			},
			"v1 20260201-120000|2df9d4b51159-dirty|sha256:0123456789ab|-|5.4 MB|3 h|never|clean|",
		},
		"archived": {
			ecr.Row{Image: change("ARCHIVED"), Kind: ecr.KindImage, Scan: ecr.RowScan{Status: ecr.ScanArchived}, Expiry: never},
			"-||sha256:0123456789ab|-|5.4 MB|3 h|never|archived|archived",
		},
		"on its way back": {
			ecr.Row{
				Image: change("ACTIVATING", "v2"), Kind: ecr.KindImage, Scan: ecr.RowScan{Status: ecr.ScanNotAsked},
				Expiry: ecr.Expiry{Kind: ecr.ExpiryUnknown},
			},
			"v2||sha256:0123456789ab|-|5.4 MB|3 h|?|-|activating",
		},
		"left over": {
			ecr.Row{Image: change("ACTIVE"), Kind: ecr.KindSBOM, Scan: clean, Expiry: ecr.Expiry{Kind: ecr.ExpiryCount}},
			"-||sha256:0123456789ab|-|5.4 MB|3 h|by count|clean|SBOM",
		},
		"archived soon": {
			ecr.Row{
				Image: image, Kind: ecr.KindImage, Scan: clean,
				Expiry: ecr.Expiry{Kind: ecr.ExpiryArchive, ArchivesAt: at(30 * time.Hour)},
			},
			"v1 20260201-120000||sha256:0123456789ab|-|5.4 MB|3 h|archive 30 h|clean|",
		},
		"latest, for six days": {
			ecr.Row{
				Image: change("ACTIVE", "latest"), Kind: ecr.KindImage, Scan: clean,
				Expiry: ecr.Expiry{Kind: ecr.ExpiryAt, ExpiresAt: at(6 * 24 * time.Hour)},
			},
			"latest||sha256:0123456789ab|-|5.4 MB|3 h|6 d|clean|latest expires soon",
		},
		"latest, for eight days": {
			ecr.Row{
				Image: change("ACTIVE", "latest"), Kind: ecr.KindImage, Scan: clean,
				Expiry: ecr.Expiry{Kind: ecr.ExpiryAt, ExpiresAt: at(8 * 24 * time.Hour)},
			},
			"latest||sha256:0123456789ab|-|5.4 MB|3 h|8 d|clean|",
		},
		"due": {
			ecr.Row{
				Image: image, Kind: ecr.KindImage, Scan: clean,
				Expiry: ecr.Expiry{Kind: ecr.ExpiryAt, ExpiresAt: at(-time.Hour)},
			},
			"v1 20260201-120000||sha256:0123456789ab|-|5.4 MB|3 h|due|clean|",
		},
	} {
		got := ""
		for i, cell := range statusRow(c.row, now) {
			if i > 0 {
				got += "|"
			}
			got += cell.Text
		}
		if got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestStatusPaint(t *testing.T) {
	now := time.Now()
	row := ecr.Row{
		Image: ecr.Image{Status: "ACTIVE"}, Expiry: ecr.Expiry{Kind: ecr.ExpiryAt, ExpiresAt: new(now.Add(time.Hour))},
		Scan: ecr.RowScan{Status: ecr.ScanFound, Findings: ecr.Counts{"high": 1}},
	}
	if cells := statusRow(row,
		now); cells[6].Paint != console.Yellow || cells[7].Paint != console.Red || cells[0].Paint != console.Plain {
		t.Errorf("cells %+v, want what ends soon yellow and what is high red", cells)
	}
	row.Status = "ARCHIVED"
	for _, cell := range statusRow(row, now) {
		if cell.Paint != console.Dim {
			t.Errorf("%+v of an archived image is not dim", cell)
		}
	}
}
