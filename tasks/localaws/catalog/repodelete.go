package catalog

import "go.etcd.io/bbolt"

// DeleteRepository removes a repository; one that holds images only with force.
func (r *Registry) DeleteRepository(name string, force bool) (Repository, error) {
	if err := r.settle(name); err != nil {
		return Repository{}, err
	}
	var gone Repository
	var freed []string
	err := r.update(name, func(rp *repo) error {
		gone, freed = rp.info, nil
		if rp.info.Images > 0 && !force {
			return refuse("RepositoryNotEmptyException",
				"The repository with name '%s' in registry with id '%s' cannot be deleted because it still contains images",
				name, r.Account())
		}
		err := rp.in(bucketLayers).ForEach(func(digest, _ []byte) error {
			freed = append(freed, string(digest))
			return rp.tx.Bucket(bucketBlobs).Delete(rp.holds(string(digest)))
		})
		if err != nil {
			return err
		}
		rp.gone = true
		repositories := r.bucket(rp.tx, bucketRepositories)
		if err := r.countRepositories(repositories, -1); err != nil {
			return err
		}
		return repositories.DeleteBucket([]byte(name))
	})
	if err != nil {
		return Repository{}, err
	}
	r.c.removeFiles(freed)
	return gone, nil
}

// holds is the key in ecr.blobs that says that this repository holds a layer.
func (rp *repo) holds(digest string) []byte { return pair(digest, rp.region+"\x00"+rp.info.Name) }

// removeFiles removes the layers that no repository holds any more.
func (c *Catalog) removeFiles(digests []string) {
	if len(digests) == 0 {
		return
	}
	c.files.Lock()
	defer c.files.Unlock()
	err := c.db.View(func(tx *bbolt.Tx) error {
		for _, digest := range digests {
			if c.held(tx, digest) {
				continue
			}
			if err := removeIfThere(c.blobFile(digest)); err != nil {
				c.log("removing layer %s: %v", digest, err)
			}
		}
		return nil
	})
	if err != nil {
		c.log("looking for layers that nobody holds: %v", err)
	}
}
