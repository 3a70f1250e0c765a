package s3

import (
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
	// Account owns every bucket. The default is 000000000000.
	Account string
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
	folder, err := openFiles(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the local S3: %w", err)
	}
	s := &server{db: o.DB, files: folder, clock: o.Now, account: o.Account, log: o.Log}
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
	if err := s.checkHeaders(r); err != nil {
		return err
	}
	if rt.level != onService && !rt.anyRegion {
		if err := s.checkRegion(w, r); err != nil {
			return err
		}
	}
	return rt.do(s, w, r)
}

// checkRegion refuses a bucket that is not there, or not in the region the request is signed for.
func (s *server) checkRegion(w http.ResponseWriter, r *request) error {
	b, err := s.bucket(r.bucket)
	if err != nil {
		return err
	}
	if b.Region == r.region {
		return nil
	}
	w.Header().Set("x-amz-bucket-region", b.Region)
	return errPermanentRedirect.with("Endpoint", r.Host).with("Bucket", r.bucket).with("Region", b.Region)
}
