package catalog

import (
	"fmt"
	"strings"

	"go.etcd.io/bbolt"
)

var (
	bucketRepositories = []byte("repositories")
	bucketSettings     = []byte("settings")
)

// Registry is the ECR registry of one region.
type Registry struct {
	c      *Catalog
	region string
}

// Registry returns the registry of a region. It exists as soon as something is written to it.
func (c *Catalog) Registry(region string) (*Registry, error) {
	if !regionName.MatchString(region) {
		return nil, Invalid("region", "must satisfy regular expression '[a-z0-9-]{2,25}'")
	}
	return &Registry{c: c, region: region}, nil
}

// Region returns the region's name.
func (r *Registry) Region() string { return r.region }

// Account returns the account's id.
func (c *Catalog) Account() string { return c.account }

// Account returns the registry's id.
func (r *Registry) Account() string { return r.c.account }

// ARN returns the ARN of the repository with this name.
func (r *Registry) ARN(name string) string {
	return fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", partition(r.region), r.region, r.c.account, name)
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// nameOf returns the repository that an ARN of this registry names.
func (r *Registry) nameOf(arn string) (string, error) {
	name, ok := strings.CutPrefix(arn, r.ARN(""))
	if !ok || !repositoryName.MatchString(name) {
		return "", Invalid("resourceArn", "Invalid ARN")
	}
	return name, nil
}

// bucket returns a bucket of the registry, nil when nothing was ever written to it.
func (r *Registry) bucket(tx *bbolt.Tx, name []byte) *bbolt.Bucket {
	registry := tx.Bucket(bucketRegistries).Bucket([]byte(r.region))
	if registry == nil {
		return nil
	}
	return registry.Bucket(name)
}

func (r *Registry) makeBucket(tx *bbolt.Tx, name []byte) (*bbolt.Bucket, error) {
	registry, err := tx.Bucket(bucketRegistries).CreateBucketIfNotExists([]byte(r.region))
	if err != nil {
		return nil, err
	}
	return registry.CreateBucketIfNotExists(name)
}
