package images

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/image"
	"envoy-proxy-poc/tasks/session"
)

// recipes say how each image is built: by the flags, else by its line of locals.tf, else by what is in its folder.
func recipes(s *session.Session, o BuildOptions) (map[string]image.Recipe, error) {
	all := map[string]image.Recipe{}
	for _, repository := range s.Settings.Repositories {
		line := s.Settings.Recipes[repository.App]
		engine := cmp.Or(o.Engine, line.Engine)
		recipe := image.Recipe{
			Docker: engine == docker || engine == "" && image.NeedsDocker(s.Project.Root, repository.App),
			Args:   line.BuildArgs, Context: line.Context, Target: line.Target,
		}
		if len(line.BuildArgs) > 0 || line.Context+line.Target != "" {
			recipe.From = path.Join(s.Project.TerraformDir(), "locals.tf")
		}
		if o.Platforms == "" && line.Platforms != nil {
			var err error
			if recipe.Platforms, err = image.ParsePlatforms(strings.Join(line.Platforms, ",")); err != nil {
				return nil, fmt.Errorf("local.repositories.%s.platforms: %w", repository.App, err)
			}
		}
		all[repository.App] = recipe
	}
	return all, nil
}

const docker = "docker" // the engine that builds Dockerfiles

// buildable names the images that cannot be built here, before anything is changed.
func buildable(ctx context.Context, source image.Source, skippable bool) error {
	var unreached error
	var faults []error
	var names []string
	asked := false
	for _, app := range source.Apps {
		err := source.CheckApp(app)
		if err == nil && source.Recipes[app].Docker {
			if !asked {
				_, unreached = image.DockerEngine(ctx, source.Env)
				asked = true
			}
			if unreached != nil {
				err = fmt.Errorf("%s cannot be built here: %w", app, unreached)
			}
		}
		if err != nil {
			faults, names = append(faults, err), append(names, app)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !skippable || len(names) == len(source.Apps) {
		return errors.Join(faults...)
	}
	return hint.Add(errors.Join(faults...), "or leave it out: -skip=%s", strings.Join(names, ","))
}
