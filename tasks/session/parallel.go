package session

import (
	"errors"
	"sync"

	"github.com/aws/smithy-go"
)

// Each does the same for all names at once. One that fails stops none of the others; the errors come in the order of
// the names.
func Each(names []string, do func(i int, name string) error) error {
	faults := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { faults[i] = do(i, name) })
	}
	all.Wait()
	return errors.Join(faults...)
}

// Distinct joins errors, but of those with one and the same code of AWS, such as expired credentials', keeps the first:
// the other repositories' calls failed of it too.
func Distinct(faults []error) error {
	var distinct []error
	seen := map[string]bool{}
	for _, fault := range faults {
		if said, ok := errors.AsType[smithy.APIError](fault); ok {
			if seen[said.ErrorCode()] {
				continue
			}
			seen[said.ErrorCode()] = true
		}
		distinct = append(distinct, fault)
	}
	return errors.Join(distinct...)
}
