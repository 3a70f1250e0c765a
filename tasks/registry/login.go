package registry

import (
	"context"
	"errors"
	"os"
	"regexp"
	"time"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/session"
)

// Login stores a registry credential where Docker looks for it, once the registry has taken it.
//
// A registry that cannot be asked from here makes a warning, and the credential is stored: it may be the network
// between this machine and the registry, and AWS has issued the token. A registry that refuses it makes an error, and
// nothing is stored.
func Login(ctx context.Context, flags session.Where) error {
	s, err := session.Open(flags)
	if err != nil {
		return err
	}
	return Authenticate(ctx, s)
}

func Authenticate(ctx context.Context, s *session.Session) error {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return err
	}
	credential, err := ecr.Token(ctx, client)
	if err != nil {
		return s.AWS.Explain(err)
	}
	s.Project.GitHub().Mask(credential.Password)
	err = ecr.Verify(ctx, nil, credential)
	switch {
	case errors.Is(err, ecr.ErrUnreachable):
		s.Warn("%v; the credential is stored all the same", err)
	case err != nil:
		return hint.Add(err, "nothing was stored; ask your administrator whether these credentials may use this registry")
	}
	return storeCredential(ctx, s, credential)
}

func storeCredential(ctx context.Context, s *session.Session, credential ecr.Credential) error {
	dir, err := session.DockerConfig()
	if err != nil {
		return err
	}
	stored, err := ecr.Store(ctx, dir, credential, ecr.StoreOptions{DockerAuthConfig: os.Getenv("DOCKER_AUTH_CONFIG")})
	if err != nil {
		return err
	}
	where := stored.File
	if stored.Helper != "" {
		where = "docker-credential-" + stored.Helper
	}
	switch {
	case stored.Unnecessary:
		s.Say("no login needed for %s: %s fetches a token whenever Docker asks", credential.Host, where)
	default:
		s.Say("logged in to %s until %s (account %s; stored in %s)",
			credential.Host, credential.ExpiresAt.Format(time.RFC3339), registryAccount(ctx, s, credential.Host), where)
	}
	if stored.Shadowed {
		s.Warn("DOCKER_AUTH_CONFIG names %s too, and Docker reads it first", credential.Host)
	}
	return nil
}

// awsRegistry is a registry of AWS, whose name begins with its account.
var awsRegistry = regexp.MustCompile(`^(\d{12})\.`)

// registryAccount is the account that a registry belongs to: the one that the token was fetched with. A login does not
// fail because that cannot be told.
func registryAccount(ctx context.Context, s *session.Session, host string) string {
	if named := awsRegistry.FindStringSubmatch(host); named != nil {
		return named[1]
	}
	who, err := s.AWS.Identify(ctx)
	if err != nil {
		return "unknown"
	}
	return who.Account
}
