package catalog

import (
	"context"

	"go.etcd.io/bbolt"
)

// sweepImages is for repositories that nobody looks at.
func (c *Catalog) sweepImages(ctx context.Context) {
	var due []place
	err := c.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketRegistries).ForEachBucket(func(region []byte) error {
			repositories := (&Registry{c, string(region)}).bucket(tx, bucketRepositories)
			if repositories == nil {
				return nil
			}
			return repositories.ForEachBucket(func(name []byte) error {
				var info Repository
				err := get(repositories.Bucket(name), keyInfo, &info)
				if err == nil && info.lifecycleDue(c.now()) {
					due = append(due, place{string(region), string(name)})
				}
				return err
			})
		})
	})
	if err != nil {
		c.log("looking for lifecycle policies: %v", err)
	}
	for _, one := range due {
		if ctx.Err() != nil {
			return
		}
		if err := notFoundIsFine((&Registry{c, one.region}).settle(one.repository)); err != nil {
			c.log("%v", err)
		}
	}
}
