package localaws_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"envoy-proxy-poc/tasks/localaws"
)

// The environment of a process that serves a folder instead of running tests.
const (
	homeDir   = "LOCALAWS_HOME"
	homeKind  = "LOCALAWS_KIND"
	homePort  = "LOCALAWS_PORT"
	homeClock = "LOCALAWS_CLOCK" // how far the clock is ahead
)

// TestMain is the main of the tests, and of the processes that they start and kill: see [spawn].
func TestMain(m *testing.M) {
	if dir := os.Getenv(homeDir); dir != "" {
		if err := serveHome(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveHome prints what it does, a line each, until its input ends: the parent closes it, or dies.
func serveHome(dir string) error {
	port, _ := strconv.Atoi(os.Getenv(homePort))
	ahead, _ := time.ParseDuration(os.Getenv(homeClock))
	home := localaws.Home{
		Dir: dir, Kind: os.Getenv(homeKind), Port: port,
		Waiting: func(pid int) { fmt.Printf("waiting for %d\n", pid) },
		Options: localaws.Options{
			Now: func() time.Time { return time.Now().Add(ahead) },
			Log: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
		},
	}
	serving, err := home.Start(context.Background())
	if err != nil {
		return err
	}
	fmt.Printf("serving %s %d\n", serving.URL, serving.Shared)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return serving.Close(context.Background())
}

// process is a local AWS in a process of its own.
type process struct {
	tb     testing.TB
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Scanner
	url    string // once it is ready
}

// spawn starts a process that serves a folder; env is NAME=value.
func spawn(tb testing.TB, dir string, env ...string) *process {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), homeDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	wantOK(tb, err)
	stdout, err := cmd.StdoutPipe()
	wantOK(tb, err)
	wantOK(tb, cmd.Start())
	p := &process{tb: tb, cmd: cmd, stdin: stdin, stdout: bufio.NewScanner(stdout)}
	tb.Cleanup(p.kill)
	return p
}

// says waits for a line that begins with a word, and returns the rest of it.
func (p *process) says(word string) string {
	p.tb.Helper()
	if !p.stdout.Scan() {
		p.tb.Fatalf("the process ended before it was %s", word)
	}
	rest, ok := strings.CutPrefix(p.stdout.Text(), word+" ")
	if !ok {
		p.tb.Fatalf("the process said %q, want %s", p.stdout.Text(), word)
	}
	return rest
}

// ready waits until the process serves.
func (p *process) ready() *process {
	p.tb.Helper()
	p.url, _, _ = strings.Cut(p.says("serving"), " ")
	http.DefaultClient.CloseIdleConnections() // they lead to a process that was killed
	return p
}

// kill is kill -9. It returns when the process, and with it its lock, is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	_ = p.cmd.Wait()
}

// stop lets the process end by itself.
func (p *process) stop() {
	p.tb.Helper()
	wantOK(p.tb, p.stdin.Close())
	wantOK(p.tb, p.cmd.Wait())
}

func (p *process) host() string { return strings.TrimPrefix(p.url, "http://") }

func (p *process) ecr() *ecr.Client { return ecrAt(p.url) }

func (p *process) s3() *awss3.Client { return s3At(p.url) }

func ecrAt(url string) *ecr.Client {
	return ecr.New(ecr.Options{
		Region: region, BaseEndpoint: &url, Retryer: aws.NopRetryer{}, HTTPClient: sdkHTTP,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func s3At(url string) *awss3.Client {
	return awss3.New(awss3.Options{
		Region: region, BaseEndpoint: &url, Retryer: aws.NopRetryer{}, HTTPClient: sdkHTTP, UsePathStyle: true,
		Credentials:                credentials.NewStaticCredentialsProvider("local", "local", ""),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	})
}

// sdkHTTP is for SDK clients without retries. The SDK closes a request's body when the answer begins, which the transport may
// not have read to its end yet, after the last byte; it then cuts the connection off, and with it an answer of more than 4 KiB.
// It takes a server that answers at once, and the SDK's retries hide it. Bodies in memory are read to their end before.
var sdkHTTP = &http.Client{Transport: inMemory{}}

type inMemory struct{}

func (inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(text))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// freePort is one that no outgoing connection is given meanwhile: those ports begin at 32768.
func freePort(tb testing.TB) int {
	tb.Helper()
	for port := 20000 + os.Getpid()%10000; port < 32000; port++ {
		listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			wantOK(tb, listener.Close())
			return port
		}
	}
	tb.Fatal("no port is free")
	return 0
}
