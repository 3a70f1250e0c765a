package localaws_test

import (
	"path/filepath"
	"testing"
)

// TestPodman has podman push and pull, with a storage of its own.
func TestPodman(t *testing.T) {
	takesLong(t)
	podman, program := need(t, "podman", "podman"), hello(t)
	clients(t, func(t *testing.T, c *client) {
		ref := c.l.host() + "/app:v1"
		own := func(args ...string) []string {
			return append([]string{
				"--root", filepath.Join(c.home, "images"), "--runroot", filepath.Join(c.home, "run"),
				"--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "none",
			}, args...)
		}
		c.file("context/hello", program)
		c.file("context/Dockerfile", "FROM scratch\nCOPY hello /hello\nENTRYPOINT [\"/hello\"]\n")
		c.run(c.l.password(), podman, own("login", "--tls-verify=false", "--username", "AWS", "--password-stdin", c.l.host())...)
		c.run("", podman, own("build", "--quiet", "--tag", ref, "context")...)
		c.run("", podman, own("push", "--quiet", "--tls-verify=false", "--digestfile", "digest", ref)...)
		is := c.l.described("app", "v1")
		wantText(t, "what podman says it pushed", c.read("digest"), *is.ImageDigest)
		wantText(t, "the type", *is.ImageManifestMediaType, "application/vnd.oci.image.manifest.v1+json")

		c.run("", podman, own("rmi", "--all", "--force")...)
		c.run("", podman, own("pull", "--quiet", "--tls-verify=false", ref)...)
		wantText(t, "the digest that podman pulled", c.run("", podman, own("image", "inspect", "--format", "{{.Digest}}", ref)...), *is.ImageDigest)
	})
}
