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

	"envoy-proxy-poc/tasks/localaws/s3"
	"envoy-proxy-poc/tasks/localaws/sts"
)

// ErrInUse says that another process, or another AWS of this one, has the folder open.
var ErrInUse = errors.New("the local AWS's folder is in use")

// Options are choices about a local AWS. Dir is required; the zero value of the others is the default.
type Options struct {
	// Dir holds everything. It is made when missing, private to the user.
	Dir string

	// Account is the id of the first account, to which every access key belongs that names none. Defaults to 000000000000.
	Account string

	// Host is the registry's host:port, as clients call it: the beginning of every repository's URI. The default is
	// the request's own Host header.
	Host string

	// AllowedHosts are further names, without a port, by which clients may call; 127.0.0.1, [::1] and localhost always
	// may. Anything else is refused: a web page could have its own name resolve to loopback.
	AllowedHosts []string

	// Dialect is oci, the default, or ecr: the registry answers as Amazon ECR does where it departs from the OCI
	// specification. Package registry's comment lists where.
	Dialect string

	// Findings are what image scans find: see [LoadFindings] for the file. Without any, an image with a Linux distribution
	// in it has none, and one from scratch is unsupported, as in ECR's basic scanning. Not changed after Open.
	Findings Findings

	// Faults are requests that go wrong on purpose: see [LoadFaults] for the file. They may be changed at any time.
	Faults *Faults

	// Page is what a browser gets at the address itself; it may call the local AWS. Optional.
	Page http.Handler

	// Record is told what IAM would be asked about each request; nobody is refused. It is called by many at once.
	// Optional.
	Record func(Permission)

	// Now is the clock. Defaults to time.Now; a [Clock] can be moved.
	Now func() time.Time

	// Log is told why an answer is a 5xx, which layers are damaged, and what lifecycle policies did to images.
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
	db       *bbolt.DB // of the first account, and of S3
	s3       http.Handler
	sts      http.Handler
	opening  sync.Mutex
	accounts map[string]*tenant
	listen   func(account string) (host string, err error) // nil: there is the first account only

	options Options
	log     func(format string, args ...any)
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
	buckets, err := s3.New(s3.Options{
		DB: db, Dir: filepath.Join(o.Dir, "s3"), Now: o.Now, Account: o.Account, Log: o.Log,
		Caller: func(r *http.Request) string { return callerOf(r, o.Account).Account },
	})
	if err != nil {
		return nil, err
	}
	aws := &AWS{
		db: db, s3: buckets, sts: sts.New(o.Account, o.Now), accounts: map[string]*tenant{}, options: o, log: o.Log,
		allowed: map[string]bool{"127.0.0.1": true, "::1": true, "localhost": true, hostname(o.Host): true},
	}
	for _, name := range o.AllowedHosts {
		aws.allowed[name] = true
	}
	delete(aws.allowed, "")
	aws.SetHost(o.Host)
	first, err := aws.openAccount(o.Account, o.Dir, db)
	aws.accounts[o.Account] = first
	return aws, err
}

// SetHost changes [Options].Host, for a server that learns its port when it listens.
func (a *AWS) SetHost(host string) { a.host.Store(host) }

// Close waits for the requests that are running, and closes the folder. Stop the server in front first: Close also
// waits for a client that has stalled.
func (a *AWS) Close() error {
	a.running.Lock()
	a.closed = true
	a.running.Unlock()
	var faults []error
	for _, is := range a.accounts {
		faults = append(faults, is.close())
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("closing the local AWS: %w", err)
	}
	return nil
}
