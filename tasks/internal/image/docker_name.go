package image

import "context"

// Engine names what [BuildDocker] would build with: the best builder of the docker commands at hand, and where it was
// found.
func (d Docker) Engine(ctx context.Context, env []string) (string, error) {
	e, err := d.engine(ctx, Source{Env: env})
	if err != nil {
		return "", err
	}
	return e.String(), nil
}
