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
// Image scans find what [Options].Findings says; requests go wrong as [Options].Faults says. Nothing of either is invented.
//
// A lifecycle policy acts a day after it was set and then once a day, as late as ECR's promise of 24 hours allows; an
// archived image comes back 20 minutes after it was asked for, or at once when it is pushed again. Tests move the [Clock].
//
// What it has acknowledged outlives kill -9 at any moment, and the machine's end as far as the disk keeps what it was told
// to; what it has not is there whole or not at all. One process has the folder open; a [Home] is how others wait for it, or
// share it. What is private to the user stays so, in files and on the network: it answers to loopback's own names.
//
// How fast and how large it is, anybody can measure: see BenchmarkList and BenchmarkLayer here, BenchmarkServe in tasks.
//
// Everything is one account. Every region is a registry of its own, as on AWS: the region a request is signed for,
// or the one the registry password was made for. All of them answer at the same address.
package localaws

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

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

	// Dialect is oci, the default, or ecr: the registry answers PATCH as Amazon ECR does rather than as the OCI specification says.
	Dialect string

	// Findings are what image scans find: see [LoadFindings] for the file. Without any, an image with a Linux distribution
	// in it has none, and one from scratch is unsupported, as in ECR's basic scanning. Not changed after Open.
	Findings Findings

	// Faults are requests that go wrong on purpose: see [LoadFaults] for the file. They may be changed at any time.
	Faults *Faults

	// Record is told what IAM would be asked about each request; nobody is refused. It is called by many at once. Optional.
	Record func(Permission)

	// Now is the clock. Defaults to time.Now; a [Clock] can be moved.
	Now func() time.Time

	// Log is told of failures that a client sees only as an internal error, and of what lifecycle policies did to images.
	// Defaults to silence.
	Log func(format string, args ...any)
}

// Check says what is wrong with the options, nil when nothing is; Open does too.
func (o Options) Check() error {
	switch o.Dialect {
	case "", "oci", "ecr":
		return nil
	}
	return fmt.Errorf("dialect is %q, want oci or ecr", o.Dialect)
}

// AWS is an open local AWS. It is an http.Handler for any number of clients at once.
type AWS struct {
	db       *bbolt.DB
	catalog  *catalog.Catalog
	ecr      *ecrapi.API
	registry *registry.Server
	s3       http.Handler
	sts      http.Handler

	faults  *Faults
	record  func(Permission)
	host    atomic.Value // string
	allowed map[string]bool

	running sync.RWMutex // held shared by each request
	closed  bool
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
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("opening the local AWS: %w", err)
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
	ecr, err := catalog.Open(catalog.Options{DB: db, Dir: filepath.Join(o.Dir, "ecr"), Account: o.Account, Now: o.Now, Log: o.Log, Findings: o.Findings})
	if err != nil {
		return nil, err
	}
	aws := &AWS{
		db: db, catalog: ecr, ecr: ecrapi.New(ecr, o.Log), s3: buckets, sts: sts.New(o.Account),
		registry: registry.New(ecr, registry.Options{Dialect: o.Dialect, Log: o.Log}), faults: o.Faults, record: o.Record,
		allowed: map[string]bool{"127.0.0.1": true, "::1": true, "localhost": true, hostname(o.Host): true},
	}
	for _, name := range o.AllowedHosts {
		aws.allowed[name] = true
	}
	delete(aws.allowed, "")
	aws.SetHost(o.Host)
	return aws, nil
}

// SetHost changes [Options].Host, for a server that learns its port when it listens.
func (a *AWS) SetHost(host string) { a.host.Store(host) }

// Close waits for the requests that are running, and closes the folder. The server in front must have stopped: a client that
// stands still is waited for.
func (a *AWS) Close() error {
	a.running.Lock()
	a.closed = true
	a.running.Unlock()
	a.catalog.Close()
	if err := a.db.Close(); err != nil {
		return fmt.Errorf("closing the local AWS: %w", err)
	}
	return nil
}
