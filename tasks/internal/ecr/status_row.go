package ecr

import (
	"math"
	"slices"
	"strings"
)

// Row is an image as people count them: an image or an index that stands for itself, with all that belongs to it.
type Row struct {
	// SizeBytes adds up all that belongs to it, each manifest once, as [Totals] do; an index itself adds nothing
	Image
	Kind      string   `json:"kind"`               // image, index, or what an artifact is
	Platforms []string `json:"platforms"`          // never nil; empty where they are not known
	Revision  string   `json:"revision,omitempty"` // the commit it says it is of, perhaps -dirty; empty if not asked for
	Expiry
	Scan      RowScan `json:"scan"`
	Children  []Part  `json:"children,omitempty"`  // of an index, those of the indexes that it lists too
	Referrers []Part  `json:"referrers,omitempty"` // to it, to its children and to each other
}

// Part is a manifest that belongs to a row.
type Part struct {
	Digest       string   `json:"digest"`
	Kind         string   `json:"kind"` // one of the words below
	Platform     string   `json:"platform,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	SizeBytes    int64    `json:"sizeBytes"`
	MediaType    string   `json:"mediaType,omitempty"`
	ArtifactType string   `json:"artifactType,omitempty"`
	Status       string   `json:"status,omitempty"`
	Missing      bool     `json:"missing,omitempty"` // the repository does not have it
}

// Kinds of parts.
const (
	KindImage       = "image"
	KindIndex       = "index"
	KindAttestation = "attestation"
	KindSBOM        = "SBOM"
	KindSignature   = "signature"
	KindArtifact    = "artifact"
)

// StorageUSDPerGB is the monthly price of the standard storage class: https://aws.amazon.com/ecr/pricing/
const StorageUSDPerGB = 0.10

func (i *Inventory) totals() (t Totals) {
	for _, member := range i.Members {
		archived := member.Archived()
		t.ImageCount++
		if member.Top() {
			t.TopLevelCount++
			if archived {
				t.ArchivedCount++
			}
		}
		if isIndex(member.MediaType) {
			continue
		}
		t.SizeBytes += member.SizeBytes
		if archived {
			t.ArchivedBytes += member.SizeBytes
		}
	}
	t.price()
	return t
}

// Add adds another repository's totals.
func (t *Totals) Add(other Totals) {
	t.ImageCount += other.ImageCount
	t.TopLevelCount += other.TopLevelCount
	t.ArchivedCount += other.ArchivedCount
	t.SizeBytes += other.SizeBytes
	t.ArchivedBytes += other.ArchivedBytes
	t.price()
}

func (t *Totals) price() {
	t.StorageUSDPerMonth = math.Round(float64(t.SizeBytes-t.ArchivedBytes)/1e9*StorageUSDPerGB*1e6) / 1e6
}

func (i *Inventory) rows(n int) []Row {
	tops := []*Member{}
	for _, member := range i.Members {
		if n >= 0 && len(tops) == n {
			break
		}
		if member.Top() {
			tops = append(tops, member)
		}
	}
	byDigest := map[string]*Member{}
	if len(tops) > 0 {
		for _, member := range i.Members {
			byDigest[member.Digest] = member
		}
	}
	rows := make([]Row, len(tops))
	for at, top := range tops {
		rows[at] = rowOf(top, byDigest)
	}
	return rows
}

func rowOf(top *Member, byDigest map[string]*Member) Row {
	f := family{row: Row{
		Image: top.Image, Kind: kindOf(top.Image), Platforms: []string{}, Revision: top.revision,
		Scan: RowScan{Status: ScanNotAsked},
	}, byDigest: byDigest, seen: map[string]bool{top.Digest: true}}
	f.row.SizeBytes = 0
	f.weigh(top)
	f.children(top)
	return f.row
}

type family struct {
	row      Row
	byDigest map[string]*Member
	seen     map[string]bool
}

// weigh adds a manifest's size. ECR gives an index the size of its largest child, which adds its own.
func (f *family) weigh(m *Member) {
	if !isIndex(m.MediaType) {
		f.row.SizeBytes += m.SizeBytes
	}
}

func (f *family) children(m *Member) {
	for _, child := range m.Children {
		if !f.first(child.Digest) {
			continue
		}
		there := f.byDigest[child.Digest]
		f.row.Children = append(f.row.Children, partOf(child, there))
		if child.Platform != "" && !slices.Contains(f.row.Platforms, child.Platform) {
			f.row.Platforms = append(f.row.Platforms, child.Platform)
		}
		if there == nil {
			continue
		}
		f.weigh(there)
		f.children(there)
	}
	f.referrers(m)
}

func (f *family) referrers(m *Member) {
	for _, referrer := range m.Referrers {
		f.referrer(Child{Digest: referrer.Digest}, referrer)
	}
}

func (f *family) referrer(child Child, there *Member) {
	if !f.first(child.Digest) {
		return
	}
	f.row.Referrers = append(f.row.Referrers, partOf(child, there))
	if there == nil {
		return
	}
	f.weigh(there)
	for _, child := range there.Children {
		f.referrer(child, f.byDigest[child.Digest])
	}
	f.referrers(there)
}

func (f *family) first(digest string) bool {
	before := f.seen[digest]
	f.seen[digest] = true
	return !before
}

// partOf is a child or a referrer; there is nil where the repository does not have it.
func partOf(child Child, there *Member) Part {
	part := Part{Digest: child.Digest, Platform: child.Platform, Kind: KindImage, Missing: there == nil}
	if there != nil {
		part.Tags, part.SizeBytes, part.MediaType, part.Status = there.Tags, there.SizeBytes, there.MediaType, there.Status
		part.ArtifactType = there.ArtifactType
		part.Kind = kindOf(there.Image)
	}
	if child.Attestation {
		part.Kind = KindAttestation
	}
	return part
}

// kindOf knows what the common tools write: syft, trivy and this suite, cosign and notation, docker's builders.
func kindOf(image Image) string {
	says := func(words ...string) bool {
		return slices.ContainsFunc(words,
			func(word string) bool { return strings.Contains(strings.ToLower(image.ArtifactType), word) })
	}
	switch {
	case says("cyclonedx", "spdx", "sbom"):
		return KindSBOM
	case says("in-toto", "attestation", "slsa"):
		return KindAttestation
	case says("cosign", "notary", "signature", "sigstore"):
		return KindSignature
	case isIndex(image.MediaType):
		return KindIndex
	case image.Subject != "" || !runs(image):
		return KindArtifact
	}
	return KindImage
}

// runs reports whether a manifest is a container image: ECR names its own type, or its configuration's.
func runs(image Image) bool {
	switch image.ArtifactType {
	case "", "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json":
		return !isIndex(image.MediaType)
	}
	return false
}
