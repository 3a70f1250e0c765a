//go:build unix

package terraform

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is a field of a message; what has a name is an entry of a map, which begins with its key.
func entry(number byte, name, value string) string {
	text := value
	if name != "" {
		text = "\x0a" + string(binary.AppendUvarint(nil, uint64(len(name)))) + name + value
	}
	return string([]byte{number<<3 | 2}) + string(binary.AppendUvarint(nil, uint64(len(text)))) + text
}

func framed(message string) string {
	return "\x00" + string(binary.BigEndian.AppendUint32(nil, uint32(len(message)))) + message
}

// provider answers calls on a socket until the test ends, and counts them.
func provider(t *testing.T, schema string) (socket string, asked map[string]int) {
	t.Helper()
	socket, asked = filepath.Join(shortDir(t), "socket"), map[string]int{}
	listener, err := net.Listen("unix", socket)
	must(t, err)
	server := &http.Server{Protocols: withoutTLS(), Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			asked[r.URL.Path]++
			body, _ := io.ReadAll(r.Body)
			respond(w, "0", "")
			if asksSchema(r) {
				body = []byte(schema)
			}
			_, _ = w.Write(body)
		})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return socket, asked
}

// shortDir is a folder for sockets, whose paths have at most 104 bytes.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "front")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// call asks through a front as terraform does, and returns the answer and its status, with the message.
func call(t *testing.T, tf *Terraform, provider, method, body string) (answer, status string) {
	t.Helper()
	life, end := context.WithCancel(t.Context())
	defer end()
	socket, err := tf.front(life, shortDir(t), awsProvider, provider)
	must(t, err)
	client := &http.Client{Transport: passOn(socket).Transport}
	response, err := client.Post("http://front/"+method, "application/grpc", strings.NewReader(body))
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return string(text), response.Trailer.Get("Grpc-Status") + response.Trailer.Get("Grpc-Message")
}

const getSchema = "tfplugin5.Provider/GetSchema"

// terraform is told of the types that the configuration and the state name, and the provider is asked once.
func TestFrontAnswersWithWhatIsUsed(t *testing.T) {
	common := entry(1, "", "of the provider") + entry(2, "aws_ecr_repository", "used") + entry(3, "aws_region", "read")
	schema := framed(common + entry(2, "aws_sqs_queue", "held") + entry(2, "aws_vpc", "no") + entry(3, "aws_vpc", "no") +
		entry(6, "", "abilities") + entry(7, "arn_parse", "a function"))
	want := framed(common + entry(2, "aws_sqs_queue", "held") + entry(6, "", "abilities") +
		entry(7, "arn_parse", "a function"))
	tf, _, _ := attaching(t, "quick", fakeProvider)
	write(t, filepath.Join(tf.options.Dir, "main.tf"),
		"resource aws_ecr_repository app {\n}\ncheck \"x\" {\n  data \"aws_region\" \"x\" {}\n}\n", 0o600)
	tf.options.Types = []string{"aws_sqs_queue"}
	socket, asked := provider(t, schema)
	for range 2 {
		if got, status := call(t, tf, socket, getSchema, ""); got != want || status != "0" {
			t.Errorf("terraform gets %q with status %q, want %q", got, status, want)
		}
	}
	if asked["/"+getSchema] != 1 {
		t.Errorf("the provider was asked %d times, want 1", asked["/"+getSchema])
	}
	for why, types := range map[string][]string{"unknown state": nil, "type that may be misspelt": {"aws_sqs_qeue"}} {
		tf.options.Types = types
		if got, _ := call(t, tf, socket, getSchema, ""); got != schema {
			t.Errorf("with an %s terraform gets %q, want %q", why, got, schema)
		}
	}
	kept, err := tf.schemaFile()
	must(t, err)
	for i, spoilt := range []string{"", schema[:len(schema)/2]} {
		write(t, kept, spoilt, 0o600)
		if got, _ := call(t, tf, socket, getSchema, ""); got != schema || asked["/"+getSchema] != 2+i {
			t.Errorf("with %q kept terraform gets %q, want %q", spoilt, got, schema)
		}
	}

	appendTo(t, tf.lockFile(), "# another checksum\n")
	call(t, tf, socket, getSchema, "")
	if asked["/"+getSchema] != 4 {
		t.Error("what a former provider said is kept")
	}
}

// What is not plain is passed on as it is, and not kept.
func TestFrontKeepsWhatIsSound(t *testing.T) {
	for _, schema := range []string{
		"", "\x01" + framed(entry(2, "aws_vpc", "compressed"))[1:], framed("\x12\x7fcut short"), framed("\x08\x01"),
		framed(entry(4, "", "a warning")),
	} {
		tf, _, _ := attaching(t, "quick", fakeProvider)
		tf.options.Types = []string{}
		socket, _ := provider(t, schema)
		if got, status := call(t, tf, socket, getSchema, ""); got != schema || status != "0" {
			t.Errorf("terraform gets %q with status %q, want %q", got, status, schema)
		}
		kept, err := tf.schemaFile()
		must(t, err)
		if _, err := os.Stat(kept); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q is kept: %v", schema, err)
		}
	}
}

func TestFrontPassesOn(t *testing.T) {
	tf, _, _ := attaching(t, "quick", fakeProvider)
	socket, _ := provider(t, "")
	got, status := call(t, tf, socket, "tfplugin5.Provider/ReadResource", "a question")
	if got != "a question" || status != "0" {
		t.Errorf("the answer is %q with status %q", got, status)
	}
	_, status = call(t, tf, socket+"gone", "tfplugin5.Provider/ReadResource", "a question")
	if !strings.HasPrefix(status, "14") || !strings.Contains(status, "no%20such%20file") {
		t.Errorf("of a provider that has ended the status is %q, want 14 and the reason", status)
	}
}
