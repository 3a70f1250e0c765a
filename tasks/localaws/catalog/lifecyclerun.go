package catalog

import (
	"fmt"
	"slices"
	"time"
)

// evaluateEvery is how long after it was set, and then how long after it was evaluated, a lifecycle policy is carried
// out. ECR only promises that images go within 24 hours of when they should; here they go no sooner than that promise
// requires, at once for all, and always before a call that would show them.
const evaluateEvery = 24 * time.Hour

// observe is view for a call that shows images: what a lifecycle policy should have done by now is done before. What a
// push writes does not wait for that.
func (r *Registry) observe(name string, fn func(*repo) error) error {
	if err := r.settle(name); err != nil {
		return err
	}
	return r.view(name, fn)
}

// settle carries out a repository's lifecycle policy if that is due.
func (r *Registry) settle(name string) error {
	due := false
	err := r.view(name, func(rp *repo) error {
		due = rp.info.lifecycleDue(r.c.now())
		return nil
	})
	if err != nil || !due {
		return err
	}
	if err := r.carryOut(name); err != nil {
		return fmt.Errorf("carrying out the lifecycle policy of %q: %w", name, err)
	}
	return nil
}

func (is *Repository) lifecycleDue(now time.Time) bool {
	return is.Lifecycle != "" && now.Sub(laterOf(is.LifecycleSetAt, is.LifecycleEvaluatedAt)) >= evaluateEvery
}

// carryOut decides over what one transaction shows, and acts in many small ones, so that others can write meanwhile.
func (r *Registry) carryOut(name string) error {
	r.c.lifecycles.Lock()
	defer r.c.lifecycles.Unlock()
	now := r.c.now()
	var text string
	var todo []Mark
	err := r.view(name, func(rp *repo) (err error) {
		if text = rp.info.Lifecycle; !rp.info.lifecycleDue(now) {
			return nil // another caller was faster
		}
		todo, err = rp.planned(text, now)
		return err
	})
	if err != nil {
		return err
	}
	expired, archived := 0, 0
	for chunk := range slices.Chunk(todo, 500) {
		var gone, away int
		err := r.update(name, func(rp *repo) (err error) {
			if gone, away = 0, 0; rp.info.Lifecycle != text {
				return nil // it was replaced meanwhile
			}
			gone, away, err = rp.do(chunk, now)
			return err
		})
		if err != nil {
			return err
		}
		expired, archived = expired+gone, archived+away
	}
	if expired+archived > 0 {
		r.c.log("the lifecycle policy of %q in %s expired %d images and archived %d", name, r.region, expired, archived)
	}
	return r.update(name, func(rp *repo) error {
		if rp.info.Lifecycle == text && rp.info.lifecycleDue(now) {
			rp.info.LifecycleEvaluatedAt = now.UTC()
		}
		return nil
	})
}

func (rp *repo) planned(text string, now time.Time) ([]Mark, error) {
	policy, err := ParseLifecycle(text)
	if err != nil {
		rp.c.log("reading the lifecycle policy of %q: %v", rp.info.Name, err) // written by an older version: it does nothing
		return nil, nil
	}
	images, err := rp.images()
	if err != nil {
		return nil, err
	}
	return plan(policy.Marks(images, now), images), nil
}

// images are all images of a repository, in the order of their digests.
func (rp *repo) images() ([]Image, error) {
	all := make([]Image, 0, rp.info.Images)
	err := rp.in(bucketImages).ForEach(func(digest, raw []byte) error {
		img, err := rp.readImage(string(digest), raw)
		if err == nil {
			all = append(all, *img)
		}
		return err
	})
	return all, err
}

// do acts on images that are still what they were when it was decided.
func (rp *repo) do(marks []Mark, now time.Time) (expired, archived int, err error) {
	for _, mark := range marks {
		img, err := rp.image(mark.Image.Digest)
		if err != nil {
			return 0, 0, err
		}
		if img == nil || img.Status != mark.Image.Status ||
			!slices.Equal(img.Tags, mark.Image.Tags) || !img.LastPull.Equal(mark.Image.LastPull) {
			continue
		}
		kept, err := rp.kept(img, mark.Expire)
		switch {
		case kept || err != nil:
		case mark.Expire:
			expired++
			err = rp.remove(img)
		default:
			archived++
			err = rp.archive(img, now)
		}
		if err != nil {
			return 0, 0, fmt.Errorf("expiring or archiving image %q: %w", img.Digest, err)
		}
	}
	return expired, archived, nil
}
