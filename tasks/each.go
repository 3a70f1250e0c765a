package tasks

import (
	"errors"
	"sync"
)

// each does the same for all names at once. One that fails stops none of the others; the errors come in the order of the names.
func each(names []string, do func(i int, name string) error) error {
	faults := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { faults[i] = do(i, name) })
	}
	all.Wait()
	return errors.Join(faults...)
}

// text is what an error says, nothing for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
