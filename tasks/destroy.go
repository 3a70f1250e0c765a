package tasks

import (
	"context"
	"fmt"
	"strings"
	"time"

	"envoy-proxy-poc/tasks/ecr"
	"envoy-proxy-poc/tasks/terraform"
)

// DestroyOptions are the flags of destroy.
type DestroyOptions struct {
	Yes         bool // do not ask for the word
	LockTimeout time.Duration
}

// Destroy deletes every image, proves the repositories empty, and only then has Terraform remove them. Terraform is made
// ready before the first image goes: a missing bucket or provider must not be found out afterwards.
func Destroy(ctx context.Context, o DestroyOptions) error {
	s, err := open(Account{})
	if err != nil {
		return err
	}
	return withSignals(ctx, s.Console, func(ctx context.Context) error {
		d, err := s.ready(ctx, o.LockTimeout)
		if err != nil {
			return err
		}
		if err := d.takeOver(ctx, o.Yes); err != nil {
			return err
		}
		if err := d.init(ctx); err != nil {
			return err
		}
		return d.destroy(ctx, o)
	})
}

func (d *driver) destroy(ctx context.Context, o DestroyOptions) error {
	names, err := d.repositories("")
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Delete every image of %s, and the repositories?", strings.Join(names, " and "))
	if err := d.confirm(ctx, o.Yes, question, "destroy"); err != nil {
		return err
	}
	if err := d.cleanup(ctx, names, CleanupOptions{Yes: true}); err != nil {
		return ecr.Explain(err, d.Profile)
	}
	return d.run(d.Story(), func(tf *terraform.Terraform) error { return tf.Destroy(ctx) })
}
