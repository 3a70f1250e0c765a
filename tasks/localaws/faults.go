package localaws

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"envoy-proxy-poc/tasks/localaws/ecrapi"
	"envoy-proxy-poc/tasks/localaws/registry"
	"envoy-proxy-poc/tasks/localaws/s3"
	"envoy-proxy-poc/tasks/localaws/sts"
)

// Kind is what a fault does to a request.
type Kind string

// Kinds of faults. The first four answer as each service does, and do nothing of what was asked.
const (
	Throttle    Kind = "throttle"    // ThrottlingException; at the registry 429 TOOMANYREQUESTS; at S3 503 SlowDown; at STS Throttling
	ServerError Kind = "error"       // a 5xx: see Fault.Status
	Expired     Kind = "expired"     // the credentials have expired: ExpiredTokenException, ExpiredToken, or 403 DENIED
	Denied      Kind = "denied"      // no policy allows it: AccessDeniedException, AccessDenied, or DENIED
	Slow        Kind = "slow"        // what was asked, after Fault.Delay
	Cut         Kind = "cut"         // closes the connection instead of an answer; nothing was done
	CutRequest  Kind = "cut-request" // closes it half way through the request's body
	CutAnswer   Kind = "cut-answer"  // does what was asked, then closes it half way through the answer's body; of an answer without one nothing arrives
)

var kinds = []Kind{Throttle, ServerError, Expired, Denied, Slow, Cut, CutRequest, CutAnswer}

// Kinds lists them, so that a test can meet each.
func Kinds() []Kind { return slices.Clone(kinds) }

// Fault is a rule by which requests go wrong.
type Fault struct {
	// Service is ecr, registry, s3 or sts; "" for all of them.
	Service string

	// Operation is the one it is about; "" for all of the service. It is the API's own name (PutImage, ListObjectsV2,
	// GetCallerIdentity), and at the registry the method with what the path is about ("PATCH uploads", "PUT manifests").
	Operation string

	Kind Kind

	After       int           // so many requests of this operation pass first
	Every       int           // then every nth; 0 for each
	Probability float64       // of those, so many of 1 by chance; 0 for all
	Seed        uint64        // of the chance: the same seed takes the same requests
	Count       int           // so many times, then never again; 0 for ever
	Delay       time.Duration // before anything happens, whatever the kind
	Status      int           // of ServerError; 0 for 500
	Bytes       int64         // of the body that pass, before CutRequest or CutAnswer; 0 for half of it
}

// services are the operations that faults can be about, by service.
var services = map[string][]string{
	"ecr": ecrapi.Operations(), "registry": registry.Operations(), "s3": s3.Operations(), "sts": sts.Operations(),
}

func (f Fault) check() error {
	if _, known := services[f.Service]; !known && f.Service != "" {
		return fmt.Errorf("service is %q, want one of %s", f.Service, strings.Join(slices.Sorted(maps.Keys(services)), ", "))
	}
	if err := f.checkOperation(); err != nil {
		return err
	}
	if !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("kind is %q, want one of %s", f.Kind, strings.Trim(fmt.Sprint(kinds), "[]"))
	}
	for name, n := range map[string]float64{
		"after": float64(f.After), "every": float64(f.Every), "count": float64(f.Count),
		"delay": float64(f.Delay), "bytes": float64(f.Bytes), "probability": f.Probability,
	} {
		if n < 0 {
			return fmt.Errorf("%s is less than 0", name)
		}
	}
	switch {
	case f.Probability > 1:
		return fmt.Errorf("probability is %v, want no more than 1", f.Probability)
	case f.Kind == Slow && f.Delay == 0:
		return fmt.Errorf("kind is %s without a delay", f.Kind)
	case f.Status != 0 && f.Kind != ServerError:
		return fmt.Errorf("status is for kind %s alone", ServerError)
	case f.Status != 0 && (f.Status < 500 || f.Status > 599):
		return fmt.Errorf("status is %d, want 500 to 599", f.Status)
	case f.Bytes != 0 && f.Kind != CutRequest && f.Kind != CutAnswer:
		return fmt.Errorf("bytes is for kinds %s and %s alone", CutRequest, CutAnswer)
	}
	return nil
}

func (f Fault) checkOperation() error {
	if f.Operation == "" || slices.Contains(services[f.Service], f.Operation) {
		return nil
	}
	if f.Service != "" {
		return fmt.Errorf("operation %q is none of %s: want one of %s", f.Operation, f.Service, near(f.Operation, services[f.Service]))
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(services)) {
		if slices.Contains(services[name], f.Operation) {
			return nil
		}
		all = append(all, services[name]...)
	}
	return fmt.Errorf("operation %q is none of the local AWS: want one of %s", f.Operation, near(f.Operation, all))
}

// near are the names that begin as one does; all of them when none does.
func near(name string, names []string) string {
	verb := strings.ToLower(name[:min(3, len(name))])
	alike := slices.DeleteFunc(slices.Clone(names), func(one string) bool { return !strings.HasPrefix(strings.ToLower(one), verb) })
	if len(alike) == 0 {
		alike = names
	}
	return strings.Join(alike, ", ")
}

// Faults are the rules of a local AWS, in their order: the first that wants a request has it. They can be changed while it
// serves. The zero value has none.
type Faults struct {
	mu    sync.Mutex
	rules []*faultRule
}

type faultRule struct {
	Fault
	seen, hits int
	chance     *rand.Rand
}

// Set replaces the rules, whose counts begin anew. With no argument nothing goes wrong any more. A rule that makes no sense
// is an error, and changes nothing.
func (f *Faults) Set(rules ...Fault) error {
	var made []*faultRule
	for i, rule := range rules {
		if err := rule.check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
		made = append(made, &faultRule{Fault: rule, chance: rand.New(rand.NewPCG(rule.Seed, 0))})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = made
	return nil
}

// Hits are how many requests each rule has had.
func (f *Faults) Hits() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	hits := make([]int, len(f.rules))
	for i, rule := range f.rules {
		hits[i] = rule.hits
	}
	return hits
}

// none is the quick way past, and that of a nil *Faults.
func (f *Faults) none() bool {
	if f == nil {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.rules) == 0
}

// of returns the fault for a request, nil for one that is left alone.
func (f *Faults) of(service, operation string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.wants(service, operation) {
			fault := rule.Fault
			return &fault
		}
	}
	return nil
}

func (r *faultRule) wants(service, operation string) bool {
	if r.Service != "" && r.Service != service || r.Operation != "" && r.Operation != operation {
		return false
	}
	if r.Count > 0 && r.hits == r.Count {
		return false
	}
	r.seen++
	nth := r.seen - r.After
	if nth < 1 || r.Every > 1 && nth%r.Every != 0 || r.Probability > 0 && r.chance.Float64() >= r.Probability {
		return false
	}
	r.hits++
	return true
}
