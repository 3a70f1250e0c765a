package doctor

import (
	"context"
	"fmt"
	"os/exec"
)

// oldestMinor are the first versions of the AWS CLI, by their first number, that read AWS_ENDPOINT_URL.
var oldestMinor = map[int]int{1: 29, 2: 13}

// awsCommand is the AWS CLI, which no target needs. An old one calls the real AWS where .local/env points at the local
// one.
func (d *doctor) awsCommand(ctx context.Context) finding {
	path, err := exec.LookPath("aws")
	if err != nil {
		return good("none, and no target needs one")
	}
	said, err := d.project.Capture(ctx, path, "--version")
	var major, minor int
	if err == nil {
		_, err = fmt.Sscanf(said, "aws-cli/%d.%d", &major, &minor)
	}
	switch oldest, known := oldestMinor[major]; {
	case err != nil:
		return unusual("", "%s does not say its version: %v", path, err)
	case known && minor < oldest:
		return unusual("install a newer one: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
			"%d.%d at %s ignores .local/env and calls the real AWS; that takes %d.%d", major, minor, path, major, oldest)
	}
	return good("%d.%d at %s", major, minor, path)
}
