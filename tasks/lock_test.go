package tasks

import (
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "0 s", 59 * time.Second: "59 s", time.Minute: "1 min", 3*time.Minute + 59*time.Second: "3 min",
		time.Hour: "1 h", 47 * time.Hour: "47 h", 50 * time.Hour: "2 d",
	} {
		if got := age(d); got != want {
			t.Errorf("age(%s) = %q, want %q", d, got, want)
		}
	}
}
