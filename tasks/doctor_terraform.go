package tasks

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
)

// terraform is the one that the targets would run. The doctor downloads none.
func (d *doctor) terraform(ctx context.Context) finding {
	if d.unread != nil {
		return notAsked("the settings say which")
	}
	if err := d.s.anotherState(); err != nil {
		return failure(err)
	}
	pinned, unpinned := terraform.Pinned(d.s.path(pinFile))
	search := d.s.terraformSearch(environment(), "")
	found, err := terraform.Find(ctx, search)
	switch {
	case ctx.Err() != nil:
		return bad("see why the terraform on the PATH hangs, or name another in TERRAFORM_PATH", "no answer within %s", asking)
	case err != nil && unpinned != nil:
		what, _ := hint.Parts(errors.Join(err, unpinned))
		return bad("put a terraform "+d.s.RequiredVersion+" on the PATH, or its version into "+pinFile, "%s", oneLine(what))
	case err != nil:
		what, fix := hint.Parts(err)
		return odd(fix+"; or let "+typed("plan")+" download "+pinned, "%s", oneLine(what))
	}
	return good("%s at %s (wanted: %s)", found.Version, found.Path, d.s.RequiredVersion)
}

// registryDiscovery is where Terraform looks first when it fetches a provider.
const registryDiscovery = "https://registry.terraform.io/.well-known/terraform.json"

// awsProvider is what the configuration needs.
const awsProvider = "registry.terraform.io/hashicorp/aws"

// provider is where the AWS provider comes from, and whether that can be reached.
func (d *doctor) provider(ctx context.Context) finding {
	found, err := d.s.chosenProviders(environment())
	const fix = "set TF_PROVIDER_MIRROR to a folder that holds " + awsProvider + " (terraform providers mirror DIR makes one)"
	switch {
	case err != nil:
		return bad(fix, "%s", oneLine(err.Error()))
	case found.Missing != "":
		return odd("unset TF_CLI_CONFIG_FILE", "TF_CLI_CONFIG_FILE names %s, which is not there; %s", found.Missing, found.Why)
	case !strings.HasPrefix(found.Why, "no mirror"):
		return d.mirrored(found, fix)
	}
	if at := d.unpacked(); at != "" {
		return good("there already, in %s", at)
	}
	if err := reach(ctx, registryDiscovery); err != nil {
		return bad(fix, "no mirror, and the registry cannot be reached: %v", err)
	}
	return good("%s", found.Why)
}

// mirrored is whether the chosen mirror has the provider. A choice without mirrors is a configuration of the user's own, or Terraform's.
func (d *doctor) mirrored(found terraform.Providers, fix string) finding {
	if found.Mirrors != nil && !found.Mirrors[0].Holds(awsProvider) {
		return bad(fix, "%s, which holds no %s", found.Why, awsProvider)
	}
	return good("%s", found.Why)
}

// unpacked is the folder where an earlier run has put the provider, "" when there was none.
func (d *doctor) unpacked() string {
	dir := filepath.Join(terraform.DataDir(d.s.path(terraforms), os.Getenv("TF_DATA_DIR")), "providers")
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(awsProvider))); err != nil {
		return ""
	}
	return dir
}

// reach is whether anything answers at an address.
func reach(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return errors.Unwrap(err) // without the address, which stands beside it
	}
	return response.Body.Close()
}
