package images

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"

	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

type destination struct {
	found    ecr.Found
	registry *image.Destination // nil if the repository does not exist
	client   *awsecr.Client
}

func (d destination) movable(tag string) bool {
	return image.Movable(tag, d.found.Mutability, d.found.Exclusions)
}

func connect(ctx context.Context, s *session.Session, apps []string) ([]destination, error) {
	all, missing, err := connectExisting(ctx, s, apps)
	if missing != nil {
		return nil, errors.Join(err, session.Missing(ctx, s.AWS, missing))
	}
	return all, err
}

// connectExisting is connect where repositories may be missing: it returns their names.
func connectExisting(ctx context.Context, s *session.Session, apps []string) ([]destination, []string, error) {
	client, err := s.AWS.ECR(ctx)
	if err != nil {
		return nil, nil, err
	}
	auth := &image.Renewing{Fetch: func(ctx context.Context) (authn.AuthConfig, time.Time, error) {
		credential, err := ecr.Token(ctx, client)
		return authn.AuthConfig{Username: credential.Username, Password: credential.Password}, credential.ExpiresAt, err
	}}
	options := image.Options{Transport: s.AWS.Transport(ctx), Again: s.AWS.Again}
	all := make([]destination, len(apps))
	faults := session.Each(apps, func(i int, app string) (err error) {
		all[i], err = dial(ctx, s, client, app, auth, options)
		return err
	})
	var missing []string
	for i, fault := range faults {
		if ecr.Missing(fault) {
			missing, faults[i] = append(missing, s.Repository(apps[i])), nil
		}
	}
	return all, missing, session.Distinct(faults)
}

func dial(ctx context.Context, s *session.Session, client *awsecr.Client, app string,
	auth authn.Authenticator, o image.Options,
) (destination, error) {
	name := s.Repository(app)
	found, err := ecr.Find(ctx, client, name)
	if err != nil {
		return destination{}, s.AWS.Explain(err)
	}
	if s.AWS.Pinned != "" && found.Registry != s.AWS.Pinned {
		return destination{}, s.AWS.Elsewise(fmt.Errorf("repository %q is in account %s, and locals.tf pins account %s", name,
			found.Registry, s.AWS.Pinned), "push:image "+app)
	}
	host, path, _ := strings.Cut(found.URI, "/")
	to, err := image.Dial(ctx, image.Target{Registry: host, Repository: path, Auth: auth}, o)
	return destination{found, to, client}, explainRegistry(s.AWS, err)
}

func explainRegistry(account session.Account, err error) error {
	switch {
	case errors.Is(err, image.ErrUnauthorized), errors.Is(err, image.ErrDenied):
		return hint.Add(err,
			"AWS issued the token of %s, and the registry does not take it: it lacks a right (ecr:InitiateLayerUpload "+
				"and its like), or a policy of the repository or the network denies it",
			account.Whose())
	case errors.Is(err, image.ErrNoRepository):
		return hint.Add(err, "make it: %s", menu.Typed("deploy"))
	case errors.Is(err, image.ErrTagImmutable):
		return hint.Add(err, "push under a tag that is free: -tag=NAME")
	case errors.Is(err, image.ErrNotThere):
		return hint.Add(err, "see what is there: %s", menu.Typed("ecr:status"))
	}
	if fault, ok := errors.AsType[*net.OpError](err); ok && fault.Op == "dial" && errors.Is(fault, syscall.ECONNREFUSED) {
		return hint.Add(err, "nobody listens at the registry; if that is the local AWS: %s", menu.Typed("serve"))
	}
	return account.Explain(err)
}
