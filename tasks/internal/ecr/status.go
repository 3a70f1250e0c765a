package ecr

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unique"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// StatusOptions are what [Status] can be told; the zero value describes a repository without its images.
type StatusOptions struct {
	Newest int              // rows to describe; -1 for all
	Looked int              // of these, how many scans and platforms are asked for: some calls each
	HTTP   *http.Client     // for configurations, which ECR has clients download; nil is http.DefaultClient
	Listed func(images int) // is told how many more images are listed; may be nil

	Findings bool // all findings of the scans, and not only their numbers
}

// Repository is what ecr:status -json prints of one repository. One that does not exist or failed has only its name.
type Repository struct {
	Name   string `json:"name"`
	Exists bool   `json:"exists"`
	Error  string `json:"error,omitempty"` // what kept the rest from being known
	Found
	Totals
	LatestExpiresAt *time.Time `json:"latestExpiresAt,omitempty"` // of latest, where certain

	Images   []Row    `json:"images"`             // the newest, newest first; never nil
	Looked   int      `json:"scansAskedFor"`      // of how many of them, the first, scans were asked for
	Warnings []string `json:"warnings,omitempty"` // what is not known of the images, and why
	Reason   string   `json:"-"`                  // Error in a few words

	Rules []RetentionRule `json:"-"` // of the lifecycle policy
}

// Totals add a repository up, or several.
type Totals struct {
	ImageCount    int `json:"imageCount"`    // as ECR counts: every manifest is an image
	TopLevelCount int `json:"topLevelCount"` // as people do: without what belongs to another image
	ArchivedCount int `json:"archivedCount"` // of these, the archived ones
	// SizeBytes adds up the compressed images. An index adds nothing, and layers that images share are counted for each.
	SizeBytes          int64   `json:"sizeBytes"`
	ArchivedBytes      int64   `json:"archivedBytes"`      // of these, what archived images take
	StorageUSDPerMonth float64 `json:"storageUSDPerMonth"` // of the rest, at most: shared layers are stored once
}

// Image is one manifest: an image, an index, or something that refers to one.
type Image struct {
	Digest       string     `json:"digest"`
	Tags         []string   `json:"tags"`      // sorted; never nil
	PushedAt     *time.Time `json:"pushedAt"`  // UTC
	SizeBytes    int64      `json:"sizeBytes"` // compressed; of an index, that of its largest child
	MediaType    string     `json:"mediaType"`
	Status       string     `json:"status"`                 // ACTIVE, ARCHIVED or ACTIVATING
	ArtifactType string     `json:"artifactType,omitempty"` // of a manifest that is no image
	Subject      string     `json:"subject,omitempty"`      // the digest that it refers to
	PulledAt     *time.Time `json:"-"`                      // in no answer: a look at an index is a pull
	ArchivedAt   *time.Time `json:"archivedAt,omitempty"`   // UTC; the last time
	ActivatedAt  *time.Time `json:"activatedAt,omitempty"`  // UTC; when it last came back from the archive
}

// Active reports whether it can be pulled.
func (i Image) Active() bool { return i.Status == string(types.ImageStatusActive) }

// Archived reports whether it is in the archive. One that is neither is on its way back.
func (i Image) Archived() bool { return i.Status == string(types.ImageStatusArchived) }

// Status describes a repository and its newest images, archived ones included, with what belongs to each. A repository
// that does not exist is an answer. With an error comes what is known all the same.
func Status(ctx context.Context, api *Client, repository string, o StatusOptions) (Repository, error) {
	missing := Repository{Name: repository, Images: []Row{}}
	found, err := Find(ctx, api, repository)
	if Missing(err) {
		return missing, nil
	}
	if err != nil {
		return missing, err
	}
	status := Repository{Name: repository, Exists: true, Found: found, Images: []Row{}}
	err = status.look(ctx, api, o)
	if Missing(err) { // removed since it was described
		return missing, nil
	}
	return status, err
}

// look adds what the repository holds. What is not known about single images is a warning.
func (r *Repository) look(ctx context.Context, api *Client, o StatusOptions) error {
	inventory, err := TakeInventory(ctx, api, r.Name, o.Listed)
	if err != nil {
		return err
	}
	r.Totals = inventory.totals()
	r.Images = inventory.rows(o.Newest)
	if unread := len(inventory.Unread); unread > 0 {
		r.Warnings = append(r.Warnings,
			fmt.Sprintf("cannot read %d of its indexes (perhaps archived); their images have rows of their own", unread))
	}
	if len(r.Images) == 0 {
		return nil
	}
	if err := r.expire(ctx, api, inventory); err != nil {
		return err
	}
	r.Looked = min(o.Looked, len(r.Images))
	looked := r.Images[:r.Looked]
	most := int32(1)
	if o.Findings {
		most = pageSize
	}
	scans, err := scanned(ctx, api, r.Name, looked, most)
	if err != nil {
		return err
	}
	platforms, err := readPlatforms(ctx, api, cmp.Or(o.HTTP, http.DefaultClient), r.Name, looked)
	if err != nil {
		return err
	}
	r.warn("scan findings", scans)
	r.warn("platforms and commits", platforms)
	return nil
}

func (r *Repository) expire(ctx context.Context, api *Client, inventory *Inventory) error {
	policy, err := readPolicy(ctx, api, r.Name)
	if fatal(ctx, err) {
		return err
	}
	r.warn("lifecycle policy", err)
	r.Rules = policy.rules()
	for _, member := range inventory.Members {
		if err == nil && slices.Contains(member.Tags, "latest") {
			r.LatestExpiresAt = policy.expiry(member.Image).ExpiresAt
		}
	}
	for i := range r.Images {
		if r.Images[i].Expiry = policy.expiry(r.Images[i].Image); err != nil {
			r.Images[i].Expiry = Expiry{Kind: ExpiryUnknown}
		}
	}
	return nil
}

func (r *Repository) warn(what string, err error) {
	if err != nil {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%s not known: %s", what, awserr.Reason(err)))
	}
}

// fatal reports whether an error ends a look at a repository.
func fatal(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || Missing(err))
}

func imageOf(detail types.ImageDetail) Image {
	tags := append([]string{}, detail.ImageTags...)
	slices.Sort(tags)
	return Image{
		Digest:    aws.ToString(detail.ImageDigest),
		Tags:      tags,
		PushedAt:  utc(detail.ImagePushedAt),
		SizeBytes: aws.ToInt64(detail.ImageSizeInBytes),
		MediaType: shared(aws.ToString(detail.ImageManifestMediaType)),
		Status:    shared(cmp.Or(string(detail.ImageStatus), string(types.ImageStatusActive))),

		ArtifactType: shared(aws.ToString(detail.ArtifactMediaType)),
		Subject:      aws.ToString(detail.SubjectManifestDigest),
		PulledAt:     utc(detail.LastRecordedPullTime),
		ArchivedAt:   utc(detail.LastArchivedAt),
		ActivatedAt:  utc(detail.LastActivatedAt),
	}
}

// newer orders by push time, newest first, then by digest, so that one push's images keep their order.
func newer(a, b Image) int {
	return cmp.Or(aws.ToTime(b.PushedAt).Compare(aws.ToTime(a.PushedAt)), cmp.Compare(a.Digest, b.Digest))
}

// shared keeps a text once for the hundred thousand images that have it.
func shared(text string) string { return unique.Make(text).Value() }

func utc(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	return new(t.UTC())
}
