package terraform

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"

	"envoy-proxy-poc/tasks/internal/child"
)

var (
	// The caller hands over what the profile says. The backend's region is backend.tf's, the provider's a variable.
	handedOver = []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"}

	// terraform-exec sets these, and drops TF_WORKSPACE: the tasks refuse any but the default.
	harmlessVariables = []string{"TF_INPUT", "TF_IN_AUTOMATION", "TF_APPEND_USER_AGENT", "TF_WORKSPACE"}
)

// relaxed has terraform and its provider collect garbage less often: they live for seconds, and read a schema of a
// thousand resources. It takes a quarter off a plan's CPU time, for 100 MB more memory each.
const relaxed = "400"

// environment is what terraform sees of the caller's environment, and the names of effective variables kept from it.
func environment(o Options) (env map[string]string, ignored []string) {
	env = maps.Clone(o.Env) // CleanEnv edits the map it is given
	if env == nil {
		env = map[string]string{}
	}
	maps.DeleteFunc(env, child.HiddenFromTerraform)
	// only Terraform's backend reads AWS_S3_ENDPOINT, so the tasks would read another state
	unwanted := append(tfexec.ProhibitedEnv(env), "AWS_S3_ENDPOINT")
	for name := range env {
		if strings.HasPrefix(name, "TF_LOG") { // the finer ones; any of them mixes logs into what is read from stderr
			unwanted = append(unwanted, name)
		}
	}
	for _, name := range unwanted {
		if env[name] != "" && !slices.Contains(harmlessVariables, name) {
			ignored = append(ignored, name)
		}
		delete(env, name)
	}
	for _, name := range handedOver {
		delete(env, name)
	}
	setOwn(env, o)
	slices.Sort(ignored)
	return env, ignored
}

func setOwn(env map[string]string, o Options) {
	env["MAGE_TASK"] = "1" // hooks.tf is silent: the task does login, status and cleanup itself
	env["CHECKPOINT_DISABLE"] = "1"
	if env["GOGC"] == "" {
		env["GOGC"] = relaxed
	}
	// terraform would read the user's [default] profile even without a name, and fail where it is broken
	env["AWS_CONFIG_FILE"], env["AWS_SHARED_CREDENTIALS_FILE"] = os.DevNull, os.DevNull
	env["AWS_EC2_METADATA_DISABLED"] = "true"
	switch {
	case o.CLIConfig != "":
		env["TF_CLI_CONFIG_FILE"] = o.CLIConfig
	case !isFile(env["TF_CLI_CONFIG_FILE"]):
		delete(env, "TF_CLI_CONFIG_FILE") // terraform would warn at every command
	}
	env["TF_DATA_DIR"] = DataDir(o.Dir, cmp.Or(o.DataDir, env["TF_DATA_DIR"]))
}

// DataDir is where terraform keeps its working data, as terraform itself reads TF_DATA_DIR.
func DataDir(dir, given string) string {
	data := cmp.Or(given, ".terraform")
	if !filepath.IsAbs(data) {
		data = filepath.Join(dir, data)
	}
	if abs, err := filepath.Abs(data); err == nil {
		return abs
	}
	return data
}

// DefaultWorkspace is the workspace that has its state at the backend's key.
const DefaultWorkspace = "default"

// Workspace is the workspace that a data folder selects, and the file that says so.
func Workspace(dataDir string) (name, file string) {
	file = filepath.Join(dataDir, "environment")
	text, _ := os.ReadFile(file)
	return cmp.Or(strings.TrimSpace(string(text)), DefaultWorkspace), file
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
