package doctor

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// terraform is the program that the targets would run. The doctor downloads none.
func (d *doctor) terraform(ctx context.Context) finding {
	if err := stack.CheckState(d.s); err != nil {
		return failure(err)
	}
	pinned, unpinned := terraform.Pinned(d.project.Path(stack.PinFile))
	search := stack.TerraformSearch(d.s, session.Environment(), "")
	found, err := terraform.Find(ctx, search)
	switch {
	case ctx.Err() != nil:
		return bad("see why the terraform on the PATH hangs, or name another in TERRAFORM_PATH",
			"no answer within %s", patience)
	case err != nil && unpinned != nil:
		what, _ := hint.Parts(errors.Join(err, unpinned))
		return bad("put a terraform "+d.s.Settings.RequiredVersion+" on the PATH, or its version into "+stack.PinFile,
			"%s", console.OneLine(what))
	case err != nil:
		what, fix := hint.Parts(err)
		return unusual(fix+"; or let "+menu.Typed("plan")+" download "+pinned, "%s", console.OneLine(what))
	}
	return good("%s at %s (wanted: %s)", found.Version, found.Path, d.s.Settings.RequiredVersion)
}

// registryDiscovery is where Terraform looks first when it fetches a provider.
const registryDiscovery = "https://registry.terraform.io/.well-known/terraform.json"

const awsProvider = "registry.terraform.io/hashicorp/aws"

// provider is where the AWS provider comes from, and whether that can be reached.
func (d *doctor) provider(ctx context.Context) finding {
	if err := stack.CheckLockFile(d.project); err != nil {
		return failure(err)
	}
	found, err := stack.ChosenProviders(d.project, session.Environment())
	const fix = "set TF_PROVIDER_MIRROR to a folder that holds " + awsProvider +
		" (terraform providers mirror DIR makes one)"
	switch {
	case err != nil:
		return bad(fix, "%s", console.OneLine(err.Error()))
	case found.Missing != "":
		return unusual("unset TF_CLI_CONFIG_FILE", "TF_CLI_CONFIG_FILE names %s, which is not there; %s",
			found.Missing, found.Why)
	case found.Mirrors != nil && !found.Mirrors[0].Holds(awsProvider):
		return bad(fix, "%s, which holds no %s", found.Why, awsProvider)
	case !strings.HasPrefix(found.Why, "no mirror"): // but a mirror, the user's own configuration, or Terraform's folders
		return good("%s", found.Why)
	}
	if at := d.unpacked(); at != "" {
		return good("there already, in %s", at)
	}
	if err := reach(ctx, registryDiscovery); err != nil {
		return bad(fix, "no mirror, and the registry cannot be reached: %v", err)
	}
	return good("%s", found.Why)
}

// unpacked is the folder where an earlier run has put the provider, "" if there is none.
func (d *doctor) unpacked() string {
	dir := filepath.Join(stack.DataDir(d.s), "providers")
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(awsProvider))); err != nil {
		return ""
	}
	return dir
}

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
