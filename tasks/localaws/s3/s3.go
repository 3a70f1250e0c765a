package s3

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

// Options are what [New] needs. DB and Dir are required.
type Options struct {
	// DB keeps the records, in top-level buckets that begin with "s3.". The caller closes it.
	DB *bbolt.DB
	// Dir holds the larger bodies. It is made if missing, for its owner alone.
	Dir string
	// Now is the clock of every timestamp. The default is time.Now.
	Now func() time.Time
	// Account owns the buckets that say nothing of an owner. The default is 000000000000.
	Account string
	// Caller tells whose a request is. By default all are of Account.
	Caller func(*http.Request) (account string)
	// Log is told why an answer is a 5xx. The default is silence.
	Log func(format string, args ...any)
}

// New opens the store, removes what a killed process left behind, and returns its handler.
// The handler must see paths as they were sent: a mux that cleans them ("//", "..") breaks keys.
func New(o Options) (http.Handler, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Log == nil {
		o.Log = func(string, ...any) {}
	}
	if o.Caller == nil {
		o.Caller = func(*http.Request) string { return o.Account }
	}
	folder, err := openFiles(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the local S3: %w", err)
	}
	s := &server{db: o.DB, files: folder, clock: o.Now, account: o.Account, caller: o.Caller, log: o.Log}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("opening the local S3: %w", err)
	}
	return s, nil
}

type server struct {
	db      *bbolt.DB
	files   *files
	clock   func() time.Time
	account string
	caller  func(*http.Request) string
	log     func(format string, args ...any)
}

// now has whole seconds, because Last-Modified has.
func (s *server) now() time.Time { return s.clock().UTC().Truncate(time.Second) }

func (s *server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	r := &request{Request: hr, id: newRequestID()}
	w.Header().Set("Server", "AmazonS3")
	w.Header().Set("x-amz-request-id", r.id)
	w.Header().Set("x-amz-id-2", hostID)
	if err := s.serve(w, r); err != nil {
		if status := refuse(w, r, err); status >= http.StatusInternalServerError {
			s.log("answering %s %s: %v", r.Method, r.URL.Path, err)
		}
	}
}

// serve reads the request in the order S3 does: what is asked, who asks, of which bucket.
func (s *server) serve(w http.ResponseWriter, r *request) error {
	if err := r.parse(); err != nil {
		return err
	}
	rt, err := routeOf(r)
	if err != nil {
		return err
	}
	if err := r.authenticate(); err != nil {
		return err
	}
	r.account = s.caller(r.Request)
	if err := s.checkHeaders(r); err != nil {
		return err
	}
	if rt.level != onService {
		if err := s.checkBucket(w, r, rt); err != nil {
			return err
		}
	}
	return rt.do(s, w, r)
}

// owns reports whether a bucket is of the account that asks. Bucket policies let no other in here.
func (s *server) owns(r *request, b *bucketRecord) bool {
	return cmp.Or(b.Account, s.account) == r.account
}

// checkBucket refuses a bucket that is not there, of another account, or not in the region the request is signed for.
func (s *server) checkBucket(w http.ResponseWriter, r *request, rt route) error {
	b, err := s.bucket(r.bucket)
	switch {
	case err != nil && rt.anyRegion: // it may be about to be made
		return nil
	case err != nil:
		return err
	case !s.owns(r, b) && rt.name == "CreateBucket":
		return errBucketTaken.with("BucketName", r.bucket)
	case !s.owns(r, b):
		return errAccessDenied
	}
	if b.Region == r.region || rt.anyRegion {
		return nil
	}
	w.Header().Set("x-amz-bucket-region", b.Region)
	return errPermanentRedirect.with("Endpoint", r.Host).with("Bucket", r.bucket).with("Region", b.Region)
}
