package main

import (
	"bytes"
	"encoding/json"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

type answer struct {
	Timestamp  string     `json:"timestamp"`
	PodIP      string     `json:"pod_ip"`
	PodName    string     `json:"pod_name"`
	Received   any        `json:"received_message"`
	ServerInfo serverInfo `json:"server_info"`
	Error      string     `json:"error,omitempty"`
}

type serverInfo struct {
	Version string `json:"version"`
	Type    string `json:"type"`
}

// answerTo decides the answer. A message that begins with a brace is JSON and comes back as it was written, numbers of
// any size included. Plain text, and what begins with a brace without being JSON, comes back as {"message": text}.
func answerTo(message []byte, who pod.Identity, now time.Time) answer {
	a := answer{
		Timestamp:  pod.Timestamp(now),
		PodIP:      who.IP,
		PodName:    who.Name,
		ServerInfo: serverInfo{Version: version, Type: "websocket-server"},
	}
	if bytes.HasPrefix(message, []byte("{")) {
		var received json.RawMessage
		err := json.Unmarshal(message, &received)
		if err == nil {
			a.Received = received
			return a
		}
		a.Error = "the message begins with a brace but is not JSON: " + err.Error()
	}
	a.Received = map[string]string{"message": string(message)} // encoded once, with the answer
	return a
}

// encode is json.Marshal without its escapes for HTML: the peer reads back <, > and & as it sent them.
func encode(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
