package pod_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"envoy-proxy-poc/apps/internal/pod"
)

// environment is a getenv over fixed values.
type environment map[string]string

func (e environment) get(name string) string { return e[name] }

func TestDuration(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       time.Duration
		fault      bool
	}{
		{name: "unset is the default", text: "", want: 7 * time.Second},
		{name: "with a unit", text: "1m30s", want: 90 * time.Second},
		{name: "plain seconds", text: "10", want: 10 * time.Second},
		{name: "a part of a second", text: "0.5", want: 500 * time.Millisecond},
		{name: "too short", text: "1ms", fault: true},
		{name: "too long", text: "2h", fault: true},
		{name: "negative", text: "-10s", fault: true},
		{name: "a bare unit", text: "s", fault: true},
		{name: "no number", text: "soon", fault: true},
		{name: "more than fits", text: "1e99", fault: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := pod.Env{Get: environment{"PAUSE": test.text}.get}
			got := env.Duration("PAUSE", 7*time.Second, 10*time.Millisecond, time.Hour)
			if err := env.Err(); (err != nil) != test.fault {
				t.Fatalf("Duration(%q): error %v, want one: %t", test.text, err, test.fault)
			}
			if !test.fault && got != test.want {
				t.Errorf("Duration(%q) = %s, want %s", test.text, got, test.want)
			}
		})
	}
}

func TestHost(t *testing.T) {
	for host, good := range map[string]bool{
		"": true, "127.0.0.1": true, "::": true, "localhost": true,
		"0.0.0.0:8080": false, "[::]": false, "http://here": false, "two words": false,
	} {
		env := pod.Env{Get: environment{"HOST": host}.get}
		env.Host("HOST", "0.0.0.0")
		if err := env.Err(); (err == nil) != good {
			t.Errorf("Host(%q): error %v, want none: %t", host, err, good)
		}
	}
}

func TestEveryFaultIsReported(t *testing.T) {
	env := pod.Env{Get: environment{"PORT": "abc", "COUNT": "11", "NAME": "two\nlines"}.get}
	env.Port("PORT", 80)
	env.Int("COUNT", 5, 1, 10, "a number from 1 to 10")
	env.Text("NAME", "")
	want := `PORT is "abc": want a port number from 0 to 65535
COUNT is "11": want a number from 1 to 10
NAME is "two\nlines": want one line of text without control characters`
	if got := env.Err(); got == nil || got.Error() != want {
		t.Errorf("Err() = %v\nwant %s", got, want)
	}
}

func TestIdentity(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		env  environment
		want pod.Identity
	}{
		{
			"in Kubernetes",
			environment{"HOSTNAME": "app-7d9", "POD_IP": "10.0.0.7"},
			pod.Identity{Name: "app-7d9", IP: "10.0.0.7"},
		},
		{"elsewhere", environment{}, pod.Identity{Name: host, IP: "unknown"}},
	} {
		env := pod.Env{Get: test.env.get}
		if got := env.Identity(); got != test.want {
			t.Errorf("%s: Identity() = %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestTimestampIsUTC(t *testing.T) {
	zone := time.FixedZone("east", 2*60*60)
	got := pod.Timestamp(time.Date(2026, 11, 23, 1, 2, 3, 4_000_000, zone))
	if want := "2026-11-22T23:02:03.004Z"; got != want {
		t.Errorf("Timestamp = %s, want %s", got, want)
	}
	if _, err := time.Parse(time.RFC3339, got); err != nil || !strings.HasSuffix(got, "Z") {
		t.Errorf("%s is not RFC 3339 in UTC: %v", got, err)
	}
}
