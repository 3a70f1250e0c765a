package again

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestACallThatLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		type told struct {
			line  string
			after time.Duration
		}
		var lines []told
		say := Teller(func(line string) { lines = append(lines, told{line, time.Since(began)}) })
		call, quick := say.Begin(), say.Begin()
		cause := Cause("ECR", "CreateRepository", true, "")
		call.Failed(cause, 2, 8)
		quick.Failed("not said", 2, 8)
		time.Sleep(2 * time.Second)
		quick.End()
		call.Failed(cause, 3, 8)
		time.Sleep(time.Minute)
		call.Failed(Cause("ECR", "CreateRepository", false, "EOF"), 4, 8)
		time.Sleep(2 * time.Second)
		call.End()
		time.Sleep(time.Hour)
		want := []told{
			{"ECR is throttling CreateRepository; trying again (3 of 8)", 3 * time.Second},
			{"CreateRepository of ECR failed: EOF; trying again (4 of 8)", 63 * time.Second},
		}
		if !slices.Equal(lines, want) {
			t.Errorf("it says %v, want %v", lines, want)
		}
	})
}

func TestNobodyListens(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		call := Teller(nil).Begin()
		call.Failed("nothing", 2, 8)
		time.Sleep(time.Minute)
		call.End()
	})
}
