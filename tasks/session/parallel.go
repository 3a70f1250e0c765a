package session

import (
	"errors"
	"net"
	"sync"

	"envoy-proxy-poc/tasks/internal/awserr"
)

// Each does the same for all names at once. A failure does not stop the others. The errors are in the order of the
// names, nil where there is none.
func Each(names []string, do func(i int, name string) error) []error {
	faults := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { faults[i] = do(i, name) })
	}
	all.Wait()
	return faults
}

// Distinct joins errors. Of errors with the same code of AWS, or of the same address that does not answer, it keeps the
// first: expired credentials, for example, fail the calls of all repositories alike.
func Distinct(faults []error) error {
	var distinct []error
	seen := map[string]bool{}
	for _, fault := range faults {
		why := awserr.Code(fault)
		if down, ok := errors.AsType[*net.OpError](fault); ok {
			why = down.Error()
		}
		if !seen[why] {
			distinct = append(distinct, fault)
		}
		seen[why] = why != ""
	}
	return errors.Join(distinct...)
}
