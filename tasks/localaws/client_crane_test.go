package localaws_test

import (
	"slices"
	"strings"
	"testing"
)

// TestCrane runs the program that is made of go-containerregistry, at go.mod's version.
func TestCrane(t *testing.T) {
	takesLong(t)
	crane := install(t, "github.com/google/go-containerregistry/cmd/crane@v0.22.1")
	clients(t, func(t *testing.T, c *client) {
		c.l.repository("team/other")
		index := twoPlatforms(t)
		digest := digestOf(t, index)
		app, other := c.l.host()+"/app", c.l.host()+"/team/other"
		c.layout("in", index)

		c.run(c.l.password(), crane, "auth", "login", "--username", "AWS", "--password-stdin", c.l.host())
		wantText(t, "what crane pushed", c.run("", crane, "push", "in", app+":v1"), app+"@"+digest)
		wantText(t, "the digest", c.run("", crane, "digest", app+"@"+digest), digest)
		c.run("", crane, "validate", "--remote", app+"@"+digest)
		c.run("", crane, "copy", app+"@"+digest, other+":v2")
		c.run("", crane, "tag", other+":v2", "v3")
		wantText(t, "the tags", inOrder(c.run("", crane, "ls", other)), "v2\nv3")
		wantText(t, "the repositories", inOrder(c.run("", crane, "catalog", c.l.host())), "app\nteam/other")
		wantText(t, "the tagged index", *c.l.described("team/other", "v3").ImageDigest, digest)
		c.run("", crane, "pull", "--format", "oci", other+":v2", "out")
		wantText(t, "the index that came out", digestOf(t, c.laidOut("out")), digest)
		c.run("", crane, "delete", other+":v2")
		wantText(t, "the tags that are left", c.run("", crane, "ls", other), "v3")
		c.refused("NAME_UNKNOWN", crane, "copy", app+"@"+digest, c.l.host()+"/nobody:v1")
	})
}

// inOrder sorts lines: those of ECR are in no order.
func inOrder(text string) string {
	lines := strings.Fields(text)
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
