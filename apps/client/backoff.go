package main

import "time"

// backoff decides how long to wait before a connection is tried again. No setting shortens it.
type backoff struct {
	first time.Duration // after a connection that worked, or one failure
	last  time.Duration // after many
}

// pause doubles with every attempt in vain. random, in [0, 1), takes off up to half, so that clients that lost their
// connections together do not come back together.
func (b backoff) pause(inVain int, random float64) time.Duration {
	full := b.first
	for range inVain - 1 {
		full = min(2*full, b.last)
		if full == b.last {
			break
		}
	}
	return full - time.Duration(random*float64(full/2))
}
