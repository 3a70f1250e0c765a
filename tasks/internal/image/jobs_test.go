package image

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"envoy-proxy-poc/tasks/localaws"
)

// world is a local AWS with the repositories team/app and team/client, and its ECR client.
type world struct {
	registry string
	ecr      *awsecr.Client
	requests atomic.Int64
}

func newWorld(t *testing.T, o localaws.Options) *world {
	t.Helper()
	w := &world{}
	var handler atomic.Pointer[localaws.AWS]
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.requests.Add(1)
		handler.Load().ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.registry = strings.TrimPrefix(srv.URL, "http://")
	o.Dir, o.Host = t.TempDir(), w.registry
	local, err := localaws.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	handler.Store(local)
	w.ecr = awsecr.New(awsecr.Options{
		Region: "us-west-2", BaseEndpoint: aws.String(srv.URL), RetryMaxAttempts: 20,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	for _, repository := range []string{"team/app", "team/client"} {
		_, err := w.ecr.CreateRepository(t.Context(), &awsecr.CreateRepositoryInput{RepositoryName: &repository})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// token fetches a credential as the tasks do.
func (w *world) token(ctx context.Context) (authn.AuthConfig, time.Time, error) {
	out, err := w.ecr.GetAuthorizationToken(ctx, &awsecr.GetAuthorizationTokenInput{})
	if err != nil {
		return authn.AuthConfig{}, time.Time{}, err
	}
	data := out.AuthorizationData[0]
	return authn.AuthConfig{Auth: aws.ToString(data.AuthorizationToken)}, aws.ToTime(data.ExpiresAt), nil
}

func (w *world) dial(t *testing.T, repository string) *Destination {
	t.Helper()
	d, err := Dial(t.Context(), Target{Registry: w.registry, Repository: repository, Auth: &Renewing{Fetch: w.token}},
		Options{Backoff: quick})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// let sets the tag mutability of both repositories.
func (w *world) let(t *testing.T, mutability types.ImageTagMutability) {
	t.Helper()
	for _, repository := range []string{"team/app", "team/client"} {
		_, err := w.ecr.PutImageTagMutability(t.Context(), &awsecr.PutImageTagMutabilityInput{
			RepositoryName: &repository, ImageTagMutability: mutability,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// quick is the default's number of tries without its waits.
var quick = remote.Backoff{Duration: time.Millisecond, Factor: 1, Jitter: 1, Steps: 8}

// whole wants every tag of a repository to lead to an image that is all there.
func (w *world) whole(t *testing.T, repository string) int {
	t.Helper()
	out, err := w.ecr.ListImages(t.Context(), &awsecr.ListImagesInput{
		RepositoryName: &repository, Filter: &types.ListImagesFilter{TagStatus: types.TagStatusTagged},
	})
	if err != nil {
		t.Fatal(err)
	}
	auth, _, err := w.token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range out.ImageIds {
		ref, err := name.NewTag(w.registry + "/" + repository + ":" + aws.ToString(image.ImageTag))
		if err != nil {
			t.Fatal(err)
		}
		found, err := remote.Get(ref, remote.WithAuth(authn.FromConfig(auth)), remote.WithRetryBackoff(quick))
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		if found.MediaType.IsIndex() {
			index, err := found.ImageIndex()
			if err == nil {
				err = validate.Index(index)
			}
			if err != nil {
				t.Errorf("%s is not whole: %v", ref, err)
			}
			continue
		}
		img, err := found.Image()
		if err == nil {
			err = validate.Image(img)
		}
		if err != nil {
			t.Errorf("%s is not whole: %v", ref, err)
		}
	}
	return len(out.ImageIds)
}

// TestJobsMountWhatTheyShare: two repositories, one image; where the account mounts, the blobs travel once.
func TestJobsMountWhatTheyShare(t *testing.T) {
	for _, setting := range []string{"ENABLED", "DISABLED"} {
		w := newWorld(t, localaws.Options{})
		_, err := w.ecr.PutAccountSetting(t.Context(),
			&awsecr.PutAccountSettingInput{Name: aws.String("BLOB_MOUNTING"), Value: aws.String(setting)})
		if err != nil {
			t.Fatal(err)
		}
		b := fake(t, strings.Repeat("shared", 5000), amd64, arm64)
		results, err := Push(t.Context(), []Job{
			{To: w.dial(t, "team/app"), Image: b, Tags: tags}, {To: w.dial(t, "team/client"), Image: b, Tags: tags},
		})
		if err != nil {
			t.Fatal(err)
		}
		sent, all := results[0].Bytes+results[1].Bytes, max(results[0].Bytes, results[1].Bytes)
		if setting == "ENABLED" && sent != all {
			t.Errorf("with BLOB_MOUNTING the jobs sent %d bytes, want %d: each blob once", sent, all)
		}
		if setting == "DISABLED" && sent != 2*all {
			t.Errorf("without BLOB_MOUNTING the jobs sent %d bytes, want %d: each blob to each", sent, 2*all)
		}
		w.whole(t, "team/app")
		w.whole(t, "team/client")
	}
}

// TestOneJobFails: the other goes through, and the error is the failed one's.
func TestOneJobFails(t *testing.T) {
	w := newWorld(t, localaws.Options{})
	app, client := w.dial(t, "team/app"), w.dial(t, "team/gone")
	b := fake(t, "program")
	results, err := Push(t.Context(), []Job{{To: client, Image: b, Tags: tags}, {To: app, Image: b, Tags: tags}})
	if !errors.Is(err, ErrNoRepository) || !strings.Contains(err.Error(), `to "team/gone"`) {
		t.Errorf("Push = %v, want %v of team/gone", err, ErrNoRepository)
	}
	if results[0].Err == nil || results[1].Err != nil || len(results[1].Written) != 3 {
		t.Errorf("Push = %+v, want the second image to be there", results)
	}
}

// TestTokenEndsInTheMiddle: a registry that suddenly refuses the credential is asked again with a new one, once.
func TestTokenEndsInTheMiddle(t *testing.T) {
	for _, refusal := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		for _, method := range []string{http.MethodHead, http.MethodPost, http.MethodPatch, http.MethodPut} {
			t.Run(fmt.Sprint(refusal, " ", method), func(t *testing.T) {
				r, fetched, err := tokenEnds(t, refusal, method, func(password string) bool { return password == "token1" })
				if err != nil || len(r.Written) != 3 || fetched != 2 {
					t.Errorf("Push = %+v, %v, with %d credentials, want a whole image with 2", r, err, fetched)
				}
			})
		}
	}
}

// TestTokenIsRefusedForEver: a second credential is all that is tried.
func TestTokenIsRefusedForEver(t *testing.T) {
	for refusal, kind := range map[int]error{http.StatusUnauthorized: ErrUnauthorized, http.StatusForbidden: ErrDenied} {
		r, fetched, err := tokenEnds(t, refusal, http.MethodHead, func(string) bool { return true })
		if !errors.Is(err, kind) || len(r.Written) > 0 || fetched > 3 { // the two tags are asked for side by side
			t.Errorf("Push = %+v, %v, with %d credentials, want %v after a second one", r, err, fetched, kind)
		}
	}
}

// tokenEnds pushes to a registry that refuses credentials from the first request of a method on, and counts them.
func tokenEnds(t *testing.T, refusal int, method string, refused func(password string) bool) (Result, int64, error) {
	t.Helper()
	s := serve(t)
	var fetched atomic.Int64
	s.Auth = &Renewing{Fetch: func(context.Context) (authn.AuthConfig, time.Time, error) {
		return authn.AuthConfig{
			Username: "AWS",
			Password: fmt.Sprint("token", fetched.Add(1)),
		}, time.Now().Add(12 * time.Hour), nil
	}}
	var ended atomic.Bool
	s.fault = func(w http.ResponseWriter, r *http.Request) bool {
		_, password, ok := r.BasicAuth()
		if !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="ecr"`)
			return refuse(w, 401, "UNAUTHORIZED", "no basic auth credentials")
		}
		if r.Method == method {
			ended.Store(true)
		}
		return ended.Load() && refused(password) &&
			refuse(w, refusal, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
	}
	r, err := pushOne(t.Context(), s.Target, fake(t, "program", amd64, arm64), tags, sending{})
	return r, fetched.Load(), err
}

func TestRenewingNearTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetched := 0
		r := &Renewing{Fetch: func(context.Context) (authn.AuthConfig, time.Time, error) {
			fetched++
			return authn.AuthConfig{Password: "p"}, time.Now().Add(12 * time.Hour), nil
		}}
		for _, step := range []struct {
			later time.Duration
			want  int
		}{{0, 1}, {time.Hour, 1}, {10*time.Hour + 50*time.Minute, 1}, {6 * time.Minute, 2}, {time.Hour, 2}} {
			time.Sleep(step.later)
			if _, err := r.Authorization(); err != nil || fetched != step.want {
				t.Errorf("after %s more: fetched %d times, %v, want %d", step.later, fetched, err, step.want)
			}
		}
	})
}

func TestTaken(t *testing.T) {
	w := newWorld(t, localaws.Options{})
	d, b := w.dial(t, "team/app"), fake(t, "program", amd64, arm64)
	if _, err := Push(t.Context(), []Job{{To: d, Image: b, Tags: Tags{Fixed: []string{"v1", "v2"}}}}); err != nil {
		t.Fatal(err)
	}
	for revised, want := range map[string]int{revision.Commit: 0, "another": 2} {
		taken, err := d.Taken(t.Context(), []string{"v0", "v1", "v2"}, revised)
		if err != nil || len(taken) != want {
			t.Errorf("Taken for revision %s = %v, %v, want %d tags", revised, taken, err, want)
		}
		if want == 2 && (taken[0] != TakenTag{"v1", b.Digest} || taken[1].Tag != "v2") {
			t.Errorf("Taken = %v, want v1 and v2 of %s", taken, b.Digest)
		}
	}
}

// TestWaitForAJobKeepsNothingElse: while blobs wait for the job that uploads them, the job's own ones go.
func TestWaitForAJobKeepsNothingElse(t *testing.T) {
	s := serve(t)
	s390x := v1.Platform{OS: "linux", Architecture: "s390x"}
	app, client := s.dial(t), (&server{Target: Target{Registry: s.Registry, Repository: "team/client"}}).dial(t)
	begun := make(chan struct{})
	var once sync.Once
	s.fail(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/v2/team/client/"):
			once.Do(func() { close(begun) })
		case r.Method == http.MethodPatch && strings.HasPrefix(r.URL.Path, "/v2/team/app/"):
			select {
			case <-begun:
			case <-time.After(30 * time.Second):
				t.Error("the second job waits with everything for the first")
			}
		}
		return false
	})
	_, err := Push(t.Context(), []Job{
		{To: app, Image: fake(t, "shared", amd64, arm64), Tags: tags}, {
			To:    client,
			Image: fake(t, "shared", amd64, arm64, s390x), Tags: tags,
		},
	})
	if err != nil {
		t.Error(err)
	}
}
