package image

import (
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// checkPlatform refuses an image that does not run on p. The platform of its Go program counts first: the classic
// builder writes its own platform into every config, and without such a program it can build for that one only.
func (e engine) checkPlatform(built v1.Image, config *v1.ConfigFile, p v1.Platform) error {
	var program Program
	if program.read(built) == nil {
		if arch := program.setting("GOARCH"); arch != "" && arch != p.Architecture {
			return fmt.Errorf("asked for %s, and the program in the image is for %s: "+
				"the Dockerfile has to compile for TARGETOS and TARGETARCH", p, arch)
		}
		if e.builder == classic {
			return nil
		}
	}
	if made, err := normalize(*config.Platform()); err != nil || !made.Equals(p) {
		return fmt.Errorf("asked for %s, and %s made an image for %s", p, e.builder, config.Platform())
	}
	return nil
}
