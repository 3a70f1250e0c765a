package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// DefaultPreviewWait is how long [Retention] gives ECR for its preview.
const DefaultPreviewWait = 5 * time.Minute

// RetentionOptions are the flags of ecr:retention.
type RetentionOptions struct {
	InUse string // a file that names digests; empty for none
	Wait  time.Duration
	Repo  string // one repository only; empty for all
	JSON  bool
}

// retentionReport is what ecr:retention -json prints.
type retentionReport struct {
	Region       string          `json:"region"`
	Repositories []ecr.Retention `json:"repositories"`
	// InUse are the digests of the file, and Elsewhere those among them that are in none of the repositories.
	InUse     []string `json:"inUse"`
	Elsewhere []string `json:"elsewhere"`
}

// Retention shows what the lifecycle policies take next, as ECR itself previews them.
//
// It exits 3 if an image of -inUse is about to expire. It warns of the newest image of a repository, and of latest.
func Retention(ctx context.Context, flags session.Where, o RetentionOptions) error {
	if o.Wait <= 0 {
		return session.Mistake(fmt.Errorf("-wait=%s: want more than 0s", o.Wait))
	}
	inUse, err := ReadInUse(o.InUse)
	if err != nil {
		return err
	}
	s, err := open(ctx, flags, o.Repo)
	if err != nil {
		return err
	}
	report := retentionReport{
		Region: s.aws.Region, Repositories: make([]ecr.Retention, len(s.names)), InUse: inUse, Elsewhere: []string{},
	}
	failed := s.foresee(ctx, o.Wait, report)
	if ctx.Err() != nil {
		return session.Interrupted(ctx.Err())
	}
	report.elsewhere()
	if o.JSON {
		err = s.JSON(report)
	} else {
		showRetention(s.Console, report)
	}
	warnRetention(s.Console, report)
	missing := s.missing(ctx, func(i int) (bool, string) {
		return report.Repositories[i].Exists, report.Repositories[i].Error
	})
	return errors.Join(err, s.Err(), failed, report.verdict(missing))
}

// ReadInUse reads the digests of -inUse. A file without any is refused: the gate would always say yes.
func ReadInUse(file string) ([]string, error) {
	if file == "" {
		return []string{}, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("-inUse: %w", err)
	}
	digests := ecr.Digests(strings.ReplaceAll(string(text), "\x00", "")) // PowerShell writes UTF-16
	if len(digests) == 0 {
		return nil, hint.Add(fmt.Errorf("-inUse: %q names no digest (sha256:…)", file),
			`write one: kubectl get pods -A -o jsonpath='{.items[*].status.containerStatuses[*].imageID}' >in-use.txt`)
	}
	return digests, nil
}

func (s *selection) foresee(ctx context.Context, wait time.Duration, report retentionReport) error {
	return s.aws.Explain(errors.Join(session.Each(s.names, func(i int, name string) (err error) {
		due := lifeSign()
		report.Repositories[i], err = ecr.Foresee(ctx, s.client, name,
			ecr.RetentionOptions{Wait: wait, InUse: report.InUse, Waiting: func(why string) {
				if due() {
					s.Say("%s: %s", name, why)
				}
			}})
		if late := (*ecr.PreviewTimeout)(nil); errors.As(err, &late) {
			err = hint.Add(err, "give it longer: %s", menu.Typed("ecr:retention -wait=15m"))
		}
		report.Repositories[i].Error = console.ErrorText(err)
		return err
	})...))
}

// elsewhere finds the digests that no repository holds.
func (r *retentionReport) elsewhere() {
	for _, digest := range r.InUse {
		here := func(repository ecr.Retention) bool { return slices.Contains(repository.InUse, digest) }
		if !slices.ContainsFunc(r.Repositories, here) {
			r.Elsewhere = append(r.Elsewhere, digest)
		}
	}
}

// verdict is exit code 3 where images in use are about to go, and else missing.
func (r retentionReport) verdict(missing error) error {
	var lost []string
	for _, repository := range r.Repositories {
		for _, image := range repository.Images {
			if image.InUse != "" {
				lost = append(lost, fmt.Sprintf("%s@%s%s", repository.Name, image.Digest, through(image)))
			}
		}
	}
	if lost != nil {
		return session.Refuse(hint.Add(fmt.Errorf("images in use are about to go:%s", console.Indent(lost)),
			"an image is kept when no rule is about it: give it a tag that the policy keeps (%s), "+
				"or raise the days in locals.tf and %s",
			menu.Typed("tag:image NAME FROM TO"), menu.Typed("deploy")))
	}
	return missing
}

// through names the digest in use that needs this image, where it is another one.
func through(image ecr.Leaving) string {
	if image.InUse == image.Digest {
		return ""
	}
	return ", by " + console.ShortDigest(image.InUse)
}
