package main

import (
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

func TestAnswerTo(t *testing.T) {
	const (
		head = `{"timestamp":"2026-11-23T01:02:03.000Z","pod_ip":"10.0.0.7","pod_name":"app-7d9","received_message":`
		tail = `,"server_info":{"version":"dev","type":"websocket-server"}`
	)
	const notJSON = `,"error":"the message begins with a brace but is not JSON: `
	who := pod.Identity{Name: "app-7d9", IP: "10.0.0.7"}
	now := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	for _, test := range []struct{ name, message, received, fault string }{
		{
			name: "JSON comes back parsed", message: `{"type": "ping", "n": [1, null]}`,
			received: `{"type":"ping","n":[1,null]}`,
		},
		{name: "an empty object", message: `{}`, received: `{}`},
		{
			name: "numbers keep their digits", message: `{"n":12345678901234567890.10}`,
			received: `{"n":12345678901234567890.10}`,
		},
		{name: "nothing is escaped for HTML", message: `{"a":"<&>"}`, received: `{"a":"<&>"}`},
		{name: "text", message: `hello "you" <3`, received: `{"message":"hello \"you\" <3"}`},
		{name: "the empty message", message: ``, received: `{"message":""}`},
		{name: "JSON that does not begin with a brace is text", message: `[1]`, received: `{"message":"[1]"}`},
		{name: "a space before the brace makes it text", message: ` {"a":1}`, received: `{"message":" {\"a\":1}"}`},
		{
			name: "cut off", message: `{"a":`, received: `{"message":"{\"a\":"}`,
			fault: notJSON + `unexpected end of JSON input"`,
		},
		{
			name: "something after the object", message: `{} {}`, received: `{"message":"{} {}"}`,
			fault: notJSON + `invalid character '{' after top-level value"`,
		},
		{name: "only a brace", message: `{`, received: `{"message":"{"}`, fault: notJSON + `unexpected end of JSON input"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := encode(answerTo([]byte(test.message), who, now))
			if err != nil {
				t.Fatal(err)
			}
			if want := head + test.received + tail + test.fault + "}"; string(got) != want {
				t.Errorf("answerTo(%q) =\n%s, want\n%s", test.message, got, want)
			}
		})
	}
}

func TestDeepNestingIsAnErrorNotACrash(t *testing.T) {
	message := strings.Repeat(`{"a":`, maxMessage/5)
	if got := answerTo([]byte(message), pod.Identity{}, time.Now()); !strings.Contains(got.Error, "max depth") {
		t.Errorf("error = %q, want one about the depth", got.Error)
	}
}
