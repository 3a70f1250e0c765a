package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"envoy-proxy-poc/tasks/internal/awserr"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/stack"
)

func (d *doctor) stateBucket(ctx context.Context) finding {
	client, err := d.s.S3(ctx)
	if err != nil {
		return failure(err)
	}
	err = state.Check(ctx, client, d.s.Bucket())
	if errors.Is(err, awserr.ErrNoBucket) {
		return bad(menu.Typed("state:bootstrap"), "%s does not exist", d.s.Settings.Backend.Bucket)
	}
	if err != nil {
		return failure(d.s.AWS.Explain(err))
	}
	where := fmt.Sprintf("%s in %s", d.s.Settings.Backend.Bucket, d.s.Settings.Backend.Region)
	switch versioned, err := state.Versioned(ctx, client, d.s.Bucket()); {
	case err != nil:
		return unusual("", "%s; whether it keeps old states cannot be told: %s", where,
			cmp.Or(awserr.Code(err), innermost(err)))
	case !versioned:
		return unusual(menu.Typed("state:bootstrap"), "%s keeps no old states", where)
	}
	return good("%s, versioned", where)
}

func (d *doctor) stateLock(ctx context.Context) finding {
	lock, err := stack.ReadLock(ctx, d.s)
	unseen := stack.SeesLock(d.s)
	switch {
	case errors.Is(err, awserr.ErrNoBucket):
		return notAsked("there is no state bucket")
	case err != nil:
		return failure(err)
	case lock != nil && lock.Broken:
		return bad("if no run is at work: "+menu.Typed("state:unlock", lock.ID), "%s", lock)
	case lock != nil:
		return unusual("wait for that run; if it is dead: "+menu.Typed("state:unlock", lock.ID), "%s", lock)
	}
	if unseen != nil {
		return failure(unseen)
	}
	return good("nobody holds it")
}

// repositories compares what locals.tf names, what AWS has and what the state knows.
func (d *doctor) repositories(ctx context.Context) finding {
	document, err := stack.ReadState(ctx, d.s)
	if err != nil && !errors.Is(err, awserr.ErrNoBucket) {
		return failure(err)
	}
	held := document.Repositories()
	if err := stack.CheckRegion(d.s, held); err != nil {
		return failure(err)
	}
	unknown, missing, err := stack.Compare(ctx, d.s, held)
	if err != nil {
		return failure(err)
	}
	var texts []string
	add := func(text string, repositories []settings.Repository) {
		var names []string
		for _, repository := range repositories {
			names = append(names, repository.Name)
		}
		if names != nil {
			texts = append(texts, text+strings.Join(names, ", "))
		}
	}
	add("not there: ", missing)
	add("there, but not in the state: ", unknown)
	if all := len(d.s.Settings.Repositories); texts == nil {
		return good("%d of %d are there and in the state", all, all)
	}
	return unusual(menu.Typed("deploy"), "%s", strings.Join(texts, "; "))
}
