package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/coder/websocket"

	"envoy-proxy-poc/apps/internal/pod"
)

type ping struct {
	Type         string `json:"type"` // always "ping"
	ClientID     string `json:"client_id"`
	PodName      string `json:"pod_name"`
	PodIP        string `json:"pod_ip"`
	ConnectionID string `json:"connection_id"`
	Timestamp    string `json:"timestamp"`
	Message      string `json:"message"`
}

// answer is the part of the server's answer that is logged.
type answer struct {
	Timestamp string `json:"timestamp"`
	PodIP     string `json:"pod_ip"`
}

func (s *session) send(ctx context.Context, n int) error {
	c := s.client
	text, err := json.Marshal(ping{
		Type:         "ping",
		ClientID:     c.clientID,
		PodName:      c.identity.Name,
		PodIP:        c.identity.IP,
		ConnectionID: s.id,
		Timestamp:    pod.Timestamp(c.clock.Now()),
		Message:      fmt.Sprintf("message %d of connection %s", n, s.id),
	})
	if err != nil {
		return fmt.Errorf("encoding message %d: %w", n, err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.answerWithin)
	defer cancel()
	if err := s.conn.Write(ctx, websocket.MessageText, text); err != nil {
		return fmt.Errorf("sending message %d: %w", n, err)
	}
	c.sent.Add(1)
	return nil
}

// listen logs answers until the connection ends. The library answers the server's pings while it reads.
func (s *session) listen(ctx context.Context, answers chan<- time.Time) error {
	for {
		_, text, err := s.conn.Read(ctx)
		if err != nil {
			return err
		}
		at := s.client.clock.Now()
		var a answer
		if err := json.Unmarshal(text, &a); err != nil {
			return fmt.Errorf("reading an answer: %w", err)
		}
		s.client.answers.Add(1)
		s.answered.Store(true)
		s.log.Info("answer", "timestamp", pod.Name(a.Timestamp), "pod_ip", pod.Name(a.PodIP))
		select {
		case answers <- at:
		default: // more answers than messages: nobody waits
		}
	}
}
