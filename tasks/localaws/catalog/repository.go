package catalog

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"time"

	"go.etcd.io/bbolt"
)

// Repository is a repository and all its settings.
type Repository struct {
	Name       string
	CreatedAt  time.Time
	Mutability Mutability
	ScanOnPush bool
	Encryption Encryption
	Tags       map[string]string `json:",omitempty"` // the resource's tags, not its images'

	Policy               string    `json:",omitempty"` // repository policy, as given
	Lifecycle            string    `json:",omitempty"` // lifecycle policy, as ECR gives it back
	LifecycleSetAt       time.Time `json:",omitzero"`
	LifecycleEvaluatedAt time.Time `json:",omitzero"` // zero for a new policy

	Images int // kept with every change, so that the quota costs no count
}

// Encryption is at rest, on AWS; here it is only remembered, and compared when a layer is mounted.
type Encryption struct {
	Type   string // AES256, KMS or KMS_DSSE
	KMSKey string `json:",omitempty"`
}

// CreateRepository makes an empty repository. The zero values of its settings become ECR's defaults.
func (r *Registry) CreateRepository(want Repository) (Repository, error) {
	if err := r.complete(&want); err != nil {
		return Repository{}, err
	}
	return want, r.c.batch(func(tx *bbolt.Tx) error {
		repositories, err := r.makeBucket(tx, bucketRepositories)
		if err != nil {
			return err
		}
		if repositories.Bucket([]byte(want.Name)) != nil {
			return refuse("RepositoryAlreadyExistsException",
				"The repository with name '%s' already exists in the registry with id '%s'", want.Name, r.Account())
		}
		if err := r.countRepositories(repositories, +1); err != nil {
			return err
		}
		b, err := repositories.CreateBucket([]byte(want.Name))
		if err != nil {
			return err
		}
		for _, name := range repoBuckets {
			if _, err := b.CreateBucket(name); err != nil {
				return err
			}
		}
		return put(b, keyInfo, want)
	})
}

// countRepositories keeps how many repositories there are as the sequence of their bucket, so that the quota costs no count.
func (r *Registry) countRepositories(repositories *bbolt.Bucket, more int) error {
	count := int(repositories.Sequence()) + more
	if count > maxRepositories {
		return refuse("LimitExceededException",
			"The maximum number of repositories in the registry with id '%s', %d, has been exceeded", r.Account(), maxRepositories)
	}
	return repositories.SetSequence(uint64(max(count, 0)))
}

func (r *Registry) complete(want *Repository) error {
	if err := CheckRepositoryName(want.Name); err != nil {
		return err
	}
	if err := want.Mutability.complete(); err != nil {
		return err
	}
	if err := want.Encryption.complete(r); err != nil {
		return err
	}
	if err := checkTags(want.Tags, nil); err != nil {
		return err
	}
	want.CreatedAt = r.c.now().UTC()
	return nil
}

func (e *Encryption) complete(r *Registry) error {
	switch e.Type {
	case "":
		e.Type = "AES256"
	case "AES256":
	case "KMS", "KMS_DSSE":
		if e.KMSKey == "" {
			e.KMSKey = r.awsManagedKey()
		}
		return checkKey(e.KMSKey)
	default:
		return Invalid("encryptionConfiguration.encryptionType", "Member must satisfy enum value set: [AES256, KMS, KMS_DSSE]")
	}
	if e.KMSKey != "" {
		return Invalid("encryptionConfiguration.kmsKey", "KMS key must not be specified when the encryption type is AES256")
	}
	return nil
}

// kmsKey is a key's id or the name of an alias, each alone or in an ARN (API Reference of AWS KMS, DescribeKey).
var kmsKey = regexp.MustCompile(`^((arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:)?alias/[a-zA-Z0-9/_-]+|` +
	`(arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/)?([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}))$`)

// checkKey refuses what names no key. Whether there is such a key, nobody here knows.
func checkKey(key string) error {
	if kmsKey.MatchString(key) {
		return nil
	}
	e := refuse("KmsException", "Invalid keyId '%s'", key)
	e.Details = map[string]any{"kmsError": "NotFoundException"}
	return e
}

// awsManagedKey is the key aws/ecr, one for each registry.
func (r *Registry) awsManagedKey() string {
	id := sha256.Sum256([]byte(r.region + r.Account()))
	return fmt.Sprintf("arn:%s:kms:%s:%s:key/%x-%x-%x-%x-%x", partition(r.region), r.region, r.Account(),
		id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// Repository returns one repository.
func (r *Registry) Repository(name string) (Repository, error) {
	var out Repository
	err := r.view(name, func(rp *repo) error {
		out = rp.info
		return nil
	})
	return out, err
}

// ListRepositories returns a page of repositories in the order of their names.
func (r *Registry) ListRepositories(page Page) (out []Repository, next string, err error) {
	after, limit, err := page.open(r, "repositories")
	if err != nil {
		return nil, "", err
	}
	err = r.c.db.View(func(tx *bbolt.Tx) error {
		repositories := r.bucket(tx, bucketRepositories)
		if repositories == nil {
			return nil
		}
		for name := range keysAfter(repositories, after) {
			if len(out) == limit {
				next = page.next(r, "repositories", out[limit-1].Name)
				return nil
			}
			var one Repository
			if err := get(repositories.Bucket(name), keyInfo, &one); err != nil {
				return fmt.Errorf("reading repository %q: %w", name, err)
			}
			out = append(out, one)
		}
		return nil
	})
	return out, next, err
}
