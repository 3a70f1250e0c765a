package registry

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/localaws"
	"envoy-proxy-poc/tasks/session"
)

// step is a session in a GitHub step, whose AWS is a local one, and where the step's outputs go.
func step(t *testing.T) (*session.Session, string) {
	t.Helper()
	opened, err := localaws.Open(localaws.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(opened)
	t.Cleanup(func() { server.Close(); _ = opened.Close() })
	outputs := filepath.Join(t.TempDir(), "outputs")
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": outputs, "GITHUB_STEP_SUMMARY": "",
	} {
		t.Setenv(name, value)
	}
	console := session.Talk()
	return &session.Session{
		Console: console, Project: &session.Project{Console: console},
		AWS: session.Account{Region: "us-west-2"}, Settings: settings.Settings{
			Environment: settings.Environment{
				Repositories: []settings.Repository{{App: "app", Name: "team/app"}, {App: "client", Name: "team/client"}},
			},
		},
	}, outputs
}

// A repository that cannot be asked about is an error, not an empty output that a later step would take for an address.
func TestSetOutputs(t *testing.T) {
	s, outputs := step(t)
	client, err := s.AWS.ECR(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, repository := range s.Settings.Repositories {
		if err := SetOutputs(t.Context(), s); err == nil || !strings.Contains(err.Error(), repository.Name) {
			t.Errorf("%d of 2 repositories are there: %v, want an error that names %s", i, err, repository.Name)
		}
		if _, err := client.CreateRepository(t.Context(),
			&awsecr.CreateRepositoryInput{RepositoryName: &repository.Name}); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Remove(outputs)
	if err := SetOutputs(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(outputs)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"app_repository_url<<", "/team/app\n", "client_repository_url<<", "/team/client\n",
		"registry_url<<",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the outputs are\n%s\nwithout %q", text, want)
		}
	}
}
