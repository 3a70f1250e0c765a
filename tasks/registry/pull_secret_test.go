package registry

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"envoy-proxy-poc/tasks/internal/ecr"
)

const wantSecret = `apiVersion: v1
kind: Secret
metadata:
  name: "1e3"
  namespace: "null"
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: ` + "eyJhdXRocyI6eyIxMjM0NTY3ODkwMTIuZGtyLmVjci51cy13ZXN0LTIuYW1hem9uYXdzLmNvbSI6eyJhdXRoIjoi" +
	"UVZkVE9uQmhjM01nZDI5eVpBPT0ifX19"

// The manifest has the shape that `kubectl create secret docker-registry --dry-run=client -o yaml` prints.
func TestPullSecret(t *testing.T) {
	credential := ecr.Credential{Host: "123456789012.dkr.ecr.us-west-2.amazonaws.com", Username: "AWS", Password: "pass word"}
	manifest, secrets := pullSecret(credential, "1e3", "null")
	if manifest != wantSecret {
		t.Errorf("got\n%s\nwant\n%s", manifest, wantSecret)
	}
	var read struct {
		Metadata struct{ Name, Namespace any }
		Data     map[string]string
	}
	if err := yaml.Unmarshal([]byte(manifest), &read); err != nil {
		t.Fatal(err)
	}
	if read.Metadata.Name != "1e3" || read.Metadata.Namespace != "null" {
		t.Errorf("YAML reads the names as %#v: want strings", read.Metadata)
	}
	config, err := base64.StdEncoding.DecodeString(read.Data[".dockerconfigjson"])
	if err != nil {
		t.Fatal(err)
	}
	var docker struct {
		Auths map[string]struct{ Auth []byte }
	}
	if err := json.Unmarshal(config, &docker); err != nil || string(docker.Auths[credential.Host].Auth) != "AWS:pass word" {
		t.Errorf("Docker reads %s as %q (%v)", config, docker, err)
	}
	for _, form := range []string{"pass word", "QVdTOnBhc3Mgd29yZA==", read.Data[".dockerconfigjson"]} {
		if !slices.Contains(secrets, form) {
			t.Errorf("%q is not masked", form)
		}
	}
	if manifest, _ := pullSecret(credential, "ecr-pull", ""); strings.Contains(manifest, "namespace") {
		t.Errorf("without a namespace the manifest names one:\n%s", manifest)
	}
}
