package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const prodAccount = "210987654321"

// BenchmarkVersusPromote compares promote:image with what copies an index from registry to registry otherwise. The
// registries are of two accounts, and each request waits for 20 ms. The others leave behind what refers to the image:
// here an artifact that refers to the index.
func BenchmarkVersusPromote(b *testing.B) {
	b.Run("skopeo", func(b *testing.B) {
		need(b, "skopeo")
		w := newPromotion(b)
		versus(b, 1, w.push, w.promote, func() {
			w.run("skopeo", "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false", "--authfile",
				filepath.Join(w.env["DOCKER_CONFIG"], "config.json"), "docker://"+w.from(), "docker://"+w.theirs())
		})
	})
	b.Run("crane", func(b *testing.B) {
		w := newPromotion(b)
		bin := b.TempDir()
		install := exec.Command("go", "install", "github.com/google/go-containerregistry/cmd/crane@v0.22.1")
		install.Dir, install.Env = bin, append(os.Environ(), "GOBIN="+bin, "GOWORK=off", "CGO_ENABLED=0")
		if out, err := install.CombinedOutput(); err != nil {
			b.Skipf("building crane: %v\n%s", err, out)
		}
		versus(b, 1, w.push, w.promote, func() {
			w.run(filepath.Join(bin, "crane"), "copy", "--insecure", w.from(), w.theirs())
		})
	})
}

// promotion is a world with two environments, each in an account of its own.
type promotion struct {
	*world
	prod string // host:port of the other account's registry
	tag  string // of the image of this round
	next int
}

func newPromotion(b *testing.B) *promotion {
	b.Helper()
	w := &promotion{world: newWorld(b)}
	const locals = "terraform/04-ecr-repositories/locals.tf"
	w.edit(locals, "account_id = null", `account_id = "000000000000"`)
	w.edit(locals, "environments = {}", `environments = { prod = { account_id = "`+prodAccount+
		`", profile = "prod", state = { bucket = "prod-states" } } }`)
	faults := filepath.Join(b.TempDir(), "faults.json")
	write(b, faults, `[{"service": "registry", "kind": "slow", "delay": "20ms"}]`)
	w.serve("-faults=" + faults)
	w.create(repositories["app"])
	prod := awsecr.New(awsecr.Options{
		Region: "us-west-2", BaseEndpoint: aws.String(w.env["AWS_ENDPOINT_URL"]),
		Credentials: credentials.NewStaticCredentialsProvider(prodAccount, "local", ""),
	})
	for _, repository := range []string{"prod-envoy-proxy-poc-app", "prod-envoy-proxy-poc-client"} { // ours, theirs
		made, err := prod.CreateRepository(b.Context(), &awsecr.CreateRepositoryInput{RepositoryName: &repository})
		w.must(err)
		w.prod, _, _ = strings.Cut(*made.Repository.RepositoryUri, "/")
	}
	w.mage("ecr:login")
	own := w.env["AWS_PROFILE"]
	w.env["AWS_PROFILE"] = "prod"
	w.mage("env", "prod", "ecr:login")
	w.env["AWS_PROFILE"] = own
	return w
}

// push makes an image that nobody has: two platforms of three layers each, and an artifact that refers to it.
func (w *promotion) push() {
	w.t.Helper()
	w.next++
	w.tag = fmt.Sprint("v", w.next)
	index, err := random.Index(1<<20, 3, 2)
	w.must(err)
	ref, err := name.NewTag(w.from(), name.Insecure)
	w.must(err)
	auth := remote.WithAuth(credential(w.world))
	w.must(remote.WriteIndex(ref, index, auth))
	subject, err := remote.Head(ref, auth)
	w.must(err)
	w.must(remote.Write(ref.Context().Tag("artifact"), referrer(w.t, *subject), auth))
}

func (w *promotion) promote() { w.mage("promote:image", "app", w.tag, "-to=prod") }

func (w *promotion) from() string   { return w.registry + "/" + repositories["app"] + ":" + w.tag }
func (w *promotion) theirs() string { return w.prod + "/prod-envoy-proxy-poc-client:" + w.tag }

func (w *promotion) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// referrer is an artifact that refers to a manifest.
func referrer(tb testing.TB, subject v1.Descriptor) v1.Image {
	tb.Helper()
	artifact, err := random.Image(100, 1)
	if err != nil {
		tb.Fatal(err)
	}
	return mutate.Subject(artifact, subject).(v1.Image)
}
