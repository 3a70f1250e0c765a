package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scanAgain is how long after one scan of an image the next can be started, a scan on push included.
const scanAgain = 24 * time.Hour

// Scan is the scan of an image, with a page of its findings.
type Scan struct {
	Image       Image
	Enhanced    bool
	Status      string
	Description string
	StartedAt   time.Time
	CompletedAt time.Time // zero when there is no result, and so no findings
	Counts      map[string]int
	Findings    []Finding
}

// StartScan starts a basic scan of an image.
func (r *Registry) StartScan(repository string, id ImageID) (img Image, err error) {
	if err := checkImageID(id); err != nil {
		return Image{}, err
	}
	err = r.update(repository, func(rp *repo) error {
		config, err := r.scanning(rp.tx)
		if err != nil {
			return err
		}
		if config.Type == EnhancedScanning {
			return refuse("ValidationException", "This feature is disabled")
		}
		found, err := rp.find(id)
		if err != nil {
			return err
		}
		if found == nil {
			return r.imageNotFound(repository, id)
		}
		if err := found.canBeScanned(r.c.now()); err != nil {
			return err
		}
		found.ScannedAt = r.c.now().UTC()
		img = *found
		return rp.save(found)
	})
	return img, err
}

func checkImageID(id ImageID) error {
	if fault := id.fault(); fault != nil {
		return refuse("InvalidParameterException", "%s", fault.Reason)
	}
	return nil
}

func (img *Image) canBeScanned(now time.Time) error {
	switch {
	case img.Status != Active:
		return refuse("ImageArchivedException", "The image with digest '%s' is archived and cannot be scanned", img.Digest)
	case !img.isContainer():
		kind := img.MediaType
		if !IsIndex(kind) {
			kind = img.ArtifactType
		}
		return refuse("UnsupportedImageTypeException",
			"An artifact with media type '%s' cannot be scanned. For more information, see the Amazon ECR documentation.", kind)
	case !img.ScannedAt.IsZero() && now.Sub(img.ScannedAt) < scanAgain:
		return refuse("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.")
	}
	return nil
}

// isContainer tells an image that can be run from an index, a chart, a signature and the like.
func (img *Image) isContainer() bool {
	configs := []string{"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
	return !IsIndex(img.MediaType) && slices.Contains(configs, img.ArtifactType)
}

// scanOnPush notes the scan that a push starts, where it does. Enhanced scans are not noted: they follow from the configuration.
func (rp *repo) scanOnPush(img *Image) error {
	config, err := rp.scanning(rp.tx)
	if err != nil {
		return err
	}
	frequency, _ := config.frequency(&rp.info)
	if config.Type == BasicScanning && frequency == ScanOnPush && img.isContainer() {
		img.ScannedAt = img.PushedAt
	}
	return nil
}

// Scan returns the last scan of an image, with a page of 1 to 1000 of its findings, by default 100.
func (r *Registry) Scan(repository string, id ImageID, page Page) (scan Scan, next string, err error) {
	if err := checkImageID(id); err != nil {
		return Scan{}, "", err
	}
	var result *ScanResult
	err = r.view(repository, func(rp *repo) (err error) {
		scan, result, err = rp.scan(id)
		return err
	})
	if err != nil {
		return Scan{}, "", err
	}
	if result == nil {
		if result, err = r.lookAt(repository, &scan.Image); err != nil {
			return Scan{}, "", err
		}
	}
	scan.finish(*result, r.c.now())
	return r.findingsPage(repository, scan, page)
}

// scan finds out whether an image was scanned, and with what result: nil for one that has to be looked at.
func (rp *repo) scan(id ImageID) (Scan, *ScanResult, error) {
	img, err := rp.find(id)
	if err != nil {
		return Scan{}, nil, err
	}
	if img == nil {
		return Scan{}, nil, rp.imageNotFound(rp.info.Name, id)
	}
	config, err := rp.scanning(rp.tx)
	if err != nil {
		return Scan{}, nil, err
	}
	scan := Scan{Image: *img, Enhanced: config.Type == EnhancedScanning, StartedAt: img.ScannedAt}
	frequency, _ := config.frequency(&rp.info)
	if scan.Enhanced && frequency != ManualScan && img.isContainer() {
		scan.StartedAt = img.PushedAt
	} else if scan.Enhanced || img.ScannedAt.IsZero() {
		return scan, nil, refuse("ScanNotFoundException",
			"Image scan does not exist for the image with '{imageDigest:'%s', imageTag:'%s'}' in the repository with name '%s' in the registry with id '%s'",
			img.Digest, orNull(id.Tag), rp.info.Name, rp.Account())
	}
	if frequency == ContinuousScan {
		scan.Status = "ACTIVE"
	}
	if img.Status != Active {
		return scan, &ScanResult{Status: "IMAGE_ARCHIVED"}, nil
	}
	tags, err := rp.tagsAbove(img)
	return scan, rp.c.findings.of(rp.info.Name, img.Digest, tags), err
}

// tagsAbove are an image's tags, and those of the indexes that it is in.
func (rp *repo) tagsAbove(img *Image) ([]string, error) {
	tags := slices.Clone(img.Tags)
	for _, index := range related(rp.in(bucketPins), img.Digest, 100) {
		parent, err := rp.image(index)
		if err != nil {
			return nil, fmt.Errorf("reading image %q: %w", index, err)
		}
		if parent != nil {
			tags = append(tags, parent.Tags...)
		}
	}
	return tags, nil
}

// finish says how far the scan is by now. A status that is there already is that of a continuous scan.
func (s *Scan) finish(result ScanResult, now time.Time) {
	completed := s.StartedAt.Add(result.Takes)
	switch {
	case completed.After(now) && s.Enhanced:
		result = ScanResult{Status: "PENDING"}
	case completed.After(now):
		result = ScanResult{Status: "IN_PROGRESS"}
	case result.Status == "" && s.Status == "":
		result.Status = "COMPLETE"
	case result.Status == "":
		result.Status = s.Status
	}
	s.Status, s.Description = result.Status, result.Description
	if s.Description == "" {
		s.Description = scanStatuses[s.Status]
	}
	if slices.Contains(withFindings, s.Status) {
		s.CompletedAt, s.Findings = completed, result.Findings
	}
}

// findingsPage cuts a page out of the findings. Its token is their number, and holds for the same result only.
func (r *Registry) findingsPage(repository string, scan Scan, page Page) (Scan, string, error) {
	query := strings.Join([]string{"findings", repository, scan.Image.Digest, strconv.Itoa(len(scan.Findings))}, "\x00")
	after, limit, err := page.open(r, query)
	if err != nil {
		return Scan{}, "", err
	}
	from, _ := strconv.Atoi(after) // "" is the first page; anything else is ours, by its seal
	to := min(from+limit, len(scan.Findings))
	next := ""
	if to < len(scan.Findings) {
		next = page.next(r, query, strconv.Itoa(to))
	}
	scan.Counts = map[string]int{}
	for _, one := range scan.Findings {
		scan.Counts[one.Severity]++
	}
	scan.Findings = scan.Findings[from:to]
	return scan, next, nil
}
