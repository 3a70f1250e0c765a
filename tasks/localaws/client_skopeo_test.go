package localaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// TestSkopeo copies an index with two platforms in and out again, and to another repository; inspects, lists and deletes.
func TestSkopeo(t *testing.T) {
	takesLong(t)
	skopeo := need(t, "skopeo", "skopeo")
	clients(t, func(t *testing.T, c *client) {
		c.l.repository("other")
		_, err := c.l.ecr().PutAccountSetting(t.Context(), &ecr.PutAccountSettingInput{Name: aws.String("BLOB_MOUNTING"), Value: aws.String("ENABLED")})
		wantOK(t, err)
		index := twoPlatforms(t)
		child := childOf(t, index)
		c.layout("in", index)
		app, other := "docker://"+c.l.host()+"/app", "docker://"+c.l.host()+"/other"
		copied := []string{"--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"}

		c.run(c.l.password(), skopeo, "login", "--tls-verify=false", "--username", "AWS", "--password-stdin", c.l.host())
		c.run("", skopeo, append(copied, "oci:in:v1", app+":v1")...)
		digest := *c.l.described("app", "v1").ImageDigest // of an index that skopeo may have written anew
		c.run("", skopeo, append(copied, app+":v1", "oci:out:v1")...)
		c.run("", skopeo, append(copied, app+":v1", other+":v2")...)
		if is := c.l.described("other", "v2"); *is.ImageDigest != digest || *is.ImageManifestMediaType != catalog.OCIIndex {
			t.Errorf("the copy is %s %s, want %s", *is.ImageManifestMediaType, *is.ImageDigest, digest)
		}
		wantText(t, "the index that came out", digestOf(t, c.laidOut("out")), digest)
		wantText(t, "the raw manifest's digest", catalog.Digest([]byte(c.run("", skopeo, "inspect", "--tls-verify=false", "--raw", app+":v1"))), digest)
		wantText(t, "the platform", c.run("", skopeo, "inspect", "--tls-verify=false", "--override-arch", "arm64",
			"--format", "{{.Os}}/{{.Architecture}} {{.RepoTags}}", app+":v1"), "linux/arm64 [v1]")
		if said := c.run("", skopeo, "list-tags", "--tls-verify=false", other); !strings.Contains(said, `"v2"`) {
			t.Errorf("the tags are %s, want v2", said)
		}

		c.refused("referenced by manifest list", skopeo, "delete", "--tls-verify=false", app+"@"+child)
		c.run("", skopeo, "delete", "--tls-verify=false", app+":v1")
		c.run("", skopeo, "delete", "--tls-verify=false", app+"@"+child)
		c.refused("manifest unknown", skopeo, "inspect", "--tls-verify=false", app+":v1")
		_, err = c.l.ecr().DescribeImages(t.Context(), &ecr.DescribeImagesInput{
			RepositoryName: aws.String("app"), ImageIds: []ecrtypes.ImageIdentifier{{ImageDigest: &child}},
		})
		wantCode(t, err, "ImageNotFoundException")
	})
}

// twoPlatforms is an OCI index of two OCI images.
func twoPlatforms(t *testing.T) v1.ImageIndex {
	t.Helper()
	index := v1.ImageIndex(empty.Index)
	for _, architecture := range []string{"amd64", "arm64"} {
		layer, err := random.Layer(2000, types.OCIUncompressedLayer)
		wantOK(t, err)
		img, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layer)
		wantOK(t, err)
		config, err := img.ConfigFile()
		wantOK(t, err)
		config = config.DeepCopy()
		config.OS, config.Architecture = "linux", architecture
		img, err = mutate.ConfigFile(img, config)
		wantOK(t, err)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        mutate.ConfigMediaType(img, types.OCIConfigJSON),
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		})
	}
	return index
}

func childOf(t *testing.T, index v1.ImageIndex) string {
	t.Helper()
	manifest, err := index.IndexManifest()
	wantOK(t, err)
	return manifest.Manifests[0].Digest.String()
}

// layout writes an OCI layout with one index, tagged v1, into the client's home.
func (c *client) layout(name string, index v1.ImageIndex) {
	c.t.Helper()
	path, err := layout.Write(c.home+"/"+name, empty.Index)
	wantOK(c.t, err)
	wantOK(c.t, path.AppendIndex(index, layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": "v1"})))
}

// laidOut reads the one index of a layout, with all that belongs to it.
func (c *client) laidOut(name string) v1.ImageIndex {
	c.t.Helper()
	outer, err := layout.ImageIndexFromPath(c.home + "/" + name)
	wantOK(c.t, err)
	manifest, err := outer.IndexManifest()
	wantOK(c.t, err)
	index, err := outer.ImageIndex(manifest.Manifests[0].Digest)
	wantOK(c.t, err)
	wantOK(c.t, validate.Index(index))
	return index
}
