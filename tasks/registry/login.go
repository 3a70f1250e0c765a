package registry

import (
	"context"
	"errors"
	"net/http"
	"os"
	"regexp"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/session"
)

// Login reads the settings and calls [StoreLogin].
func Login(ctx context.Context, flags session.Where) error {
	s, err := session.Open(flags)
	if err != nil {
		return err
	}
	return StoreLogin(ctx, s)
}

// StoreLogin stores a registry credential where Docker looks for it, once the registry has accepted it.
//
// If the registry cannot be reached from here, the credential is stored with a warning: AWS has issued it, and the
// network between this machine and the registry may be the cause. If the registry refuses it, nothing is stored.
func StoreLogin(ctx context.Context, s *session.Session) error {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return err
	}
	credential, err := ecr.Token(ctx, client)
	if err != nil {
		return s.AWS.Explain(err)
	}
	s.Project.GitHub().Mask(credential.Password)
	err = ecr.Verify(ctx, &http.Client{Transport: s.AWS.Transport(ctx)}, credential)
	switch {
	case errors.Is(err, ecr.ErrUnreachable):
		s.Warn("%v; the credential is stored all the same", err)
	case err != nil:
		return hint.Add(err, "nothing was stored; ask your administrator whether these credentials may use this registry")
	}
	return storeCredential(ctx, s, credential)
}

// helperPatience is how long a credential helper may take where nobody can answer it.
const helperPatience = 30 * time.Second

func storeCredential(ctx context.Context, s *session.Session, credential ecr.Credential) error {
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
	where := stored.File
	if stored.Helper != "" {
		where = "docker-credential-" + stored.Helper
	}
	if stored.Unnecessary {
		s.Say("no login needed for %s: %s fetches a token whenever Docker asks", credential.Host, where)
	} else {
		s.Say("logged in to %s until %s (account %s; stored in %s)",
			credential.Host, credential.ExpiresAt.Format(time.RFC3339), registryAccount(ctx, s, credential.Host), where)
	}
	if stored.Shadowed {
		s.Warn("DOCKER_AUTH_CONFIG names %s too, and Docker reads it first", credential.Host)
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
