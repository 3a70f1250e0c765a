package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// DefaultPullSecret is the name of the secret that [PullSecret] prints.
const DefaultPullSecret = "ecr-pull"

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
var (
	secretName    = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
	namespaceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// PullSecret prints a secret of Kubernetes that pulls from the registry until the credential in it ends. It is for a
// pipe: a terminal or a log would show the password. An empty namespace leaves the choice to kubectl.
func PullSecret(ctx context.Context, flags session.Where, name, namespace string) error {
	if !secretName.MatchString(name) {
		return session.Mistake(fmt.Errorf("-name=%s: want lower-case letters, digits, dots and dashes", name))
	}
	if namespace != "" && !namespaceName.MatchString(namespace) {
		return session.Mistake(fmt.Errorf("-namespace=%s: want lower-case letters, digits and dashes", namespace))
	}
	s, err := session.Open(flags)
	if err != nil {
		return err
	}
	if s.OnTerminal() || menu.Aside() {
		words := append(given(name != DefaultPullSecret, "-name="+name), given(namespace != "", "-namespace="+namespace)...)
		return hint.Add(errors.New("the secret holds a password, and is not shown on a terminal or in a log"),
			"pipe it into kubectl: %s | kubectl apply -f -", menu.Typed("ecr:pullSecret", append(words, flags.Words()...)...))
	}
	credential, err := token(ctx, s)
	if err != nil {
		return err
	}
	manifest, secrets := pullSecret(credential, name, namespace)
	for _, secret := range secrets {
		s.Project.GitHub().Mask(secret)
	}
	s.Say("secret %s pulls from %s until %s, 12 hours at most: renew it by then", name, credential.Host,
		credential.ExpiresAt.Format(time.RFC3339))
	s.Answer("%s", console.Lines(manifest))
	return s.Err()
}

// pullSecret is the secret in YAML, and each form in which the password is in it.
func pullSecret(c ecr.Credential, name, namespace string) (manifest string, secrets []string) {
	auth := base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password))
	config, _ := json.Marshal(map[string]any{"auths": map[string]any{c.Host: map[string]string{"auth": auth}}})
	data := base64.StdEncoding.EncodeToString(config)
	manifest = fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata:\n  name: %q\n", name)
	if namespace != "" {
		manifest += fmt.Sprintf("  namespace: %q\n", namespace)
	}
	manifest += "type: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: " + data
	return manifest, []string{c.Password, auth, data}
}
