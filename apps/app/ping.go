package main

import (
	"context"
	"fmt"
)

// pingLater sets the time of the next ping, while the connection lasts.
func (p *peer) pingLater(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() == nil {
		p.next = p.server.clock.AfterFunc(p.server.pingEvery, func() { p.ping(ctx) })
	}
}

// stopPinging calls the next ping off. There is none after it if the context that pingLater got has ended.
func (p *peer) stopPinging() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next != nil {
		p.next.Stop()
	}
}

// ping cuts the connection off when the peer does not answer in time. Pongs are read by converse. It runs when a timer
// says so and is over when the pong has come: an idle connection has no goroutine for it.
func (p *peer) ping(ctx context.Context) {
	s := p.server
	overdue := s.clock.AfterFunc(s.pongWithin, func() {
		s.noPong.Add(1)
		p.cut(fmt.Errorf("no pong within %s", s.pongWithin))
	})
	err := p.conn.Ping(ctx)
	overdue.Stop()
	if err == nil { // else the connection has ended: converse knows why
		p.pingLater(ctx)
	}
}
