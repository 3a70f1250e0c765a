package catalog

import (
	"maps"
	"sync"
	"time"
)

const (
	pullGrain = 24 * time.Hour // ECR records a pull at least once in this time (API Reference, ImageDetail)
	pullDelay = time.Second    // how long the time of a pull may wait to be written
)

// pulls are times of pulls that are not written yet, so that a pull does not wait for the disk. They are shown at once;
// a process that is killed loses those of its last second, which ECR's grain would not tell apart either.
type pulls struct {
	mu      sync.RWMutex
	times   map[pulled]time.Time
	waiting *time.Timer // for the next write; nil when nothing waits
	writing sync.Mutex  // held by the one that writes
}

type pulled struct{ region, repository, digest string }

func (rp *repo) pulled(digest string) pulled { return pulled{rp.region, rp.info.Name, digest} }

func (p *pulls) last(key pulled) time.Time {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.times[key]
}

// notePull notes that an image was pulled now.
func (rp *repo) notePull(img *Image) {
	now := rp.c.now().UTC()
	if now.Sub(img.LastPull) < pullGrain {
		return
	}
	p := &rp.c.pulls
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times == nil {
		p.times = map[pulled]time.Time{}
	}
	p.times[rp.pulled(img.Digest)] = now
	if p.waiting == nil {
		p.waiting = time.AfterFunc(pullDelay, rp.c.writePulls)
	}
}

// writePulls writes what was noted so far.
func (c *Catalog) writePulls() {
	c.pulls.writing.Lock()
	defer c.pulls.writing.Unlock()
	times := c.pulls.take()
	byRepository := map[pulled][]string{}
	for key := range times {
		in := pulled{region: key.region, repository: key.repository}
		byRepository[in] = append(byRepository[in], key.digest)
	}
	for in, digests := range byRepository {
		r := &Registry{c, in.region}
		err := r.update(in.repository, func(rp *repo) error { return rp.savePulls(digests) })
		if notFoundIsFine(err) != nil {
			c.log("noting pulls from %q: %v", in.repository, err)
		}
	}
	c.pulls.forget(times)
}

func (p *pulls) take() map[pulled]time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting != nil {
		p.waiting.Stop()
		p.waiting = nil
	}
	return maps.Clone(p.times)
}

// forget drops what is written, or cannot be. What was noted meanwhile stays.
func (p *pulls) forget(times map[pulled]time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	maps.DeleteFunc(p.times, func(key pulled, at time.Time) bool { return times[key].Equal(at) })
}

// savePulls stores images as they are shown. One that is gone needs no time.
func (rp *repo) savePulls(digests []string) error {
	for _, digest := range digests {
		img, err := rp.image(digest)
		if err != nil {
			return err
		}
		if img == nil {
			continue
		}
		if err := rp.save(img); err != nil {
			return err
		}
	}
	return nil
}
