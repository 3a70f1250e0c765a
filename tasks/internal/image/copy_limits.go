package image

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"envoy-proxy-poc/tasks/internal/again"
	"envoy-proxy-poc/tasks/internal/hint"
)

// mostReferrers is how many manifests may refer to one:
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html.
const mostReferrers = 100

// fits is an error where an image that is there already would have more referrers than ECR takes.
func (c *copied) fits(ctx context.Context) error {
	more := map[v1.Hash]int{}
	for _, m := range c.manifests {
		if subject := c.manifests[m.said.Subject.Digest]; !m.there && subject != nil && subject.there {
			more[m.said.Subject.Digest]++
		}
	}
	for subject, lacking := range more {
		there, err := c.to.referrers(ctx, subject)
		if err == nil && len(there)+lacking > mostReferrers {
			err = hint.Add(fmt.Errorf("%d artifacts refer to %s there, and %d more are to be copied: ECR takes %d", len(there),
				subject, lacking, mostReferrers), "delete artifacts there that nobody needs, such as old signatures")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// paces has the pace of each registry that is copied to.
var paces sync.Map

// pace lets ten manifests a second into a registry, which is ECR's quota of PutImage for an account and region:
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html. A nil pace does not wait.
type pace struct {
	mu    sync.Mutex
	begun [10]time.Time
	next  int
}

func (p *pace) wait(ctx context.Context) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	at := p.begun[p.next].Add(time.Second)
	if now := time.Now(); at.Before(now) {
		at = now
	}
	p.begun[p.next], p.next = at, (p.next+1)%len(p.begun)
	p.mu.Unlock()
	return again.Sleep(ctx, time.Until(at))
}
