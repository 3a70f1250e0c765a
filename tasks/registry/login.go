package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// Login reads the settings and calls [StoreLogin].
func Login(ctx context.Context, flags session.Where, asJSON bool) error {
	s, err := session.Open(flags)
	if err != nil {
		return err
	}
	return StoreLogin(ctx, s, asJSON)
}

// loginReport is what ecr:login -json prints. It has no password.
type loginReport struct {
	Registry  string    `json:"registry"`
	Account   string    `json:"account"`
	ExpiresAt time.Time `json:"expiresAt"`
	File      string    `json:"file"`             // Docker's config.json
	Helper    string    `json:"helper,omitempty"` // the credential helper that has it; empty for the file itself
	Stored    bool      `json:"stored"`           // false: the helper fetches a token of its own
}

// StoreLogin stores a registry credential where Docker looks for it, once the registry has accepted it.
//
// If the registry cannot be reached from here, the credential is stored with a warning: AWS has issued it, and the
// network between this machine and the registry may be the cause. If the registry refuses it, nothing is stored.
func StoreLogin(ctx context.Context, s *session.Session, asJSON bool) error {
	credential, err := token(ctx, s)
	if err != nil {
		return err
	}
	s.Project.GitHub().Mask(credential.Password)
	err = show(ctx, s, credential)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, image.ErrUnauthorized), errors.Is(err, image.ErrDenied):
		return hint.Add(fmt.Errorf("the registry refuses the credential: %w", err),
			"nothing was stored; ask your administrator whether these credentials may use this registry")
	case err != nil:
		s.Warn("the registry cannot be asked: %v; the credential is stored all the same", err)
	}
	return storeCredential(ctx, s, credential, asJSON)
}

func token(ctx context.Context, s *session.Session) (ecr.Credential, error) {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return ecr.Credential{}, err
	}
	credential, err := ecr.Token(ctx, client)
	return credential, s.AWS.Explain(err)
}

// helperPatience is how long a credential helper may take where nobody can answer it.
const helperPatience = 30 * time.Second

// show shows the registry a credential, once. No request names a repository.
func show(ctx context.Context, s *session.Session, credential ecr.Credential) error {
	timed, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	auth := authn.FromConfig(authn.AuthConfig{Username: credential.Username, Password: credential.Password})
	_, err := image.Dial(timed, image.Target{Registry: credential.Host, Repository: "any", Auth: auth},
		image.Options{Transport: s.AWS.Transport(ctx), Backoff: remote.Backoff{Steps: 1}})
	return err
}

func storeCredential(ctx context.Context, s *session.Session, credential ecr.Credential, asJSON bool) error {
	dir, err := session.DockerConfig()
	if err != nil {
		return err
	}
	options := ecr.StoreOptions{
		DockerAuthConfig: os.Getenv("DOCKER_AUTH_CONFIG"),
		Waiting:          func(program string) { s.Say("waiting for %s, which may ask for a passphrase elsewhere", program) },
	}
	if !s.Interactive() {
		options.Patience = helperPatience
	}
	stored, err := ecr.Store(ctx, dir, credential, options)
	if err != nil {
		return err
	}
	account := registryAccount(ctx, s, credential.Host)
	where := stored.File
	if stored.Helper != "" {
		where = "docker-credential-" + stored.Helper
	}
	if stored.Unnecessary {
		s.Say("no login needed for %s: %s fetches a token whenever Docker asks", credential.Host, where)
	} else {
		valid := credential.Host + " until " + credential.ExpiresAt.Format(time.RFC3339)
		session.Did("login", "%s", valid)
		if !session.Local || mg.Verbose() {
			valid += fmt.Sprintf(" (account %s; stored in %s)", account, where)
		}
		s.Say("logged in to %s", valid)
	}
	if stored.Shadowed {
		s.Warn("DOCKER_AUTH_CONFIG names %s too, and Docker reads it first", credential.Host)
	}
	if asJSON {
		return s.JSON(loginReport{
			credential.Host, account, credential.ExpiresAt, stored.File, stored.Helper, !stored.Unnecessary,
		})
	}
	return nil
}

// awsRegistry matches a registry of AWS: its name begins with its account.
var awsRegistry = regexp.MustCompile(`^(\d{12})\.`)

// registryAccount is the account of a registry: of its name, or of the credentials. A login does not fail if it is
// unknown.
func registryAccount(ctx context.Context, s *session.Session, host string) string {
	if parts := awsRegistry.FindStringSubmatch(host); parts != nil {
		return parts[1]
	}
	who, err := s.AWS.Identify(ctx)
	if err != nil {
		return "unknown"
	}
	return who.Account
}
