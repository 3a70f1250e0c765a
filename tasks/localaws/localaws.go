// Package localaws is an AWS of one's own: Amazon ECR with its registry, and as much of S3 and STS as Terraform and
// this project call, as one http.Handler over one folder. It is for development and tests, on loopback.
//
// It is strict where a laxer emulator would let pass what AWS refuses: children of an index that cannot be deleted,
// immutable tags, missing layers, page sizes, names, lengths, expired registry passwords, repositories that nobody
// created. Packages catalog, s3 and sts keep the rules; ecrapi and registry speak ECR's two protocols.
//
// What it does not do: it checks that a request to an AWS API is signed for a service and a region, but not the
// signature, so any access key will do; it enforces no policy; KMS, replication, pull through caches and repository
// creation templates are not there. An operation, parameter or subresource that it does not have is refused by name.
//
// Everything is one account. Every region is a registry of its own, as on AWS: the region a request is signed for,
// or the one the registry password was made for. All of them answer at the same address.
package localaws

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"envoy-proxy-poc/tasks/localaws/catalog"
	"envoy-proxy-poc/tasks/localaws/ecrapi"
	"envoy-proxy-poc/tasks/localaws/registry"
	"envoy-proxy-poc/tasks/localaws/s3"
	"envoy-proxy-poc/tasks/localaws/sts"
)

// ErrInUse says that another process, or another AWS of this one, has the folder open.
var ErrInUse = errors.New("the local AWS's folder is in use")

// Options are choices about a local AWS. Dir is required; the zero value of the others is the default.
type Options struct {
	// Dir holds everything. It is made when missing, private to the user.
	Dir string

	// Account is the account's id. Defaults to 000000000000.
	Account string

	// Host is the registry's host:port, as clients call it: the begin of every repository's URI. By default it is
	// what the request's own Host header says.
	Host string

	// AllowedHosts are further names, without a port, by which clients may call; 127.0.0.1, [::1] and localhost always
	// may. Anything else is refused: a web page could have its own name resolve to loopback.
	AllowedHosts []string

	// Dialect "ecr" makes the registry answer PATCH as Amazon ECR does rather than as the OCI specification says.
	Dialect string

	// Now is the clock. Defaults to time.Now.
	Now func() time.Time

	// Log is told of failures that a client sees only as an internal error. Defaults to silence.
	Log func(format string, args ...any)
}

// AWS is an open local AWS. It is an http.Handler for any number of clients at once.
type AWS struct {
	db       *bbolt.DB
	catalog  *catalog.Catalog
	ecr      *ecrapi.API
	registry *registry.Server
	s3       http.Handler
	sts      http.Handler

	host    atomic.Value // string
	allowed map[string]bool
}

// Open opens the folder, making it when it is missing. Only one process can have it open: see [ErrInUse].
func Open(o Options) (*AWS, error) {
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	db, err := openStore(o.Dir)
	if err != nil {
		return nil, err
	}
	aws, err := open(db, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the local AWS: %w", err), db.Close())
	}
	return aws, nil
}

func open(db *bbolt.DB, o Options) (*AWS, error) {
	buckets, err := s3.New(s3.Options{DB: db, Dir: filepath.Join(o.Dir, "s3"), Now: o.Now, Account: o.Account})
	if err != nil {
		return nil, err
	}
	ecr, err := catalog.Open(catalog.Options{DB: db, Dir: filepath.Join(o.Dir, "ecr"), Account: o.Account, Now: o.Now, Log: o.Log})
	if err != nil {
		return nil, err
	}
	aws := &AWS{
		db: db, catalog: ecr, ecr: ecrapi.New(ecr, o.Log), s3: buckets, sts: sts.New(o.Account),
		registry: registry.New(ecr, registry.Options{Dialect: o.Dialect, Log: o.Log}),
		allowed:  map[string]bool{"127.0.0.1": true, "::1": true, "localhost": true, hostname(o.Host): true},
	}
	for _, name := range o.AllowedHosts {
		aws.allowed[name] = true
	}
	delete(aws.allowed, "")
	aws.SetHost(o.Host)
	return aws, nil
}

// openStore opens the one file that holds all metadata. Its lock is what keeps a second process out.
func openStore(dir string) (*bbolt.DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the local AWS's folder: %w", err)
	}
	path := filepath.Join(dir, "aws.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 100 * time.Millisecond, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bbolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening %q: %w", path, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %q: %w", path, err)
	}
	db.MaxBatchDelay = time.Millisecond
	return db, nil
}

// SetHost changes [Options].Host, for a server that learns its port when it listens.
func (a *AWS) SetHost(host string) { a.host.Store(host) }

// Close closes the folder. The server in front must have stopped: no request may be running.
func (a *AWS) Close() error {
	a.catalog.Close()
	if err := a.db.Close(); err != nil {
		return fmt.Errorf("closing the local AWS: %w", err)
	}
	return nil
}
