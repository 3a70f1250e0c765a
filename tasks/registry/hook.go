package registry

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/ecr"
	"envoy-proxy-poc/tasks/internal/hint"
	"envoy-proxy-poc/tasks/internal/settings"
	"envoy-proxy-poc/tasks/internal/state"
	"envoy-proxy-poc/tasks/internal/terraform"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/session"
)

// deletion is what Terraform is about to do to a repository, as the destroy provisioner in main.tf tells it.
type deletion struct {
	name, arn string
	by        terraform.CommandLine
}

// DestroyHook deletes the images of one repository before Terraform deletes the repository. It does so only for
// `terraform destroy` and `terraform apply -destroy`, or with CLEANUP_MODE=true: a plain apply deletes a repository
// because somebody changed a name or removed a line, and its images must survive that.
func DestroyHook(ctx context.Context) error {
	d, err := readDeletion()
	if err != nil {
		return err
	}
	name, _ := d.variable("environment") // none: the default, whatever our own variable says
	if err := os.Setenv(settings.EnvironmentVariable, name); err != nil {
		return err
	}
	s, err := session.Open(d.account())
	if err != nil {
		return err
	}
	if err := d.foreign(s.Settings); err != nil {
		return err
	}
	return session.WithSignals(ctx, s.Console, func(ctx context.Context) error { return d.empty(ctx, s) })
}

func readDeletion() (deletion, error) {
	for _, name := range []string{"ECR_REPOSITORY_NAME", "ECR_REPOSITORY_ARNS", "ECR_REGISTRY_ID"} {
		if os.Getenv(name) == "" {
			return deletion{}, fmt.Errorf("%s is empty: only the destroy provisioner in main.tf starts this program", name)
		}
	}
	return deletion{
		name: os.Getenv("ECR_REPOSITORY_NAME"),
		arn:  os.Getenv("ECR_REPOSITORY_ARNS"),
		by:   terraform.ParseCommandLine(os.Getenv("TERRAFORM_COMMAND")),
	}, nil
}

// account is the repository's region, and the profile that Terraform was told to use.
func (d deletion) account() session.Where {
	region := state.Repository{ARN: d.arn}.Region()
	flags := session.Where{Region: &region}
	if profile, told := d.variable("profile"); told {
		flags.Profile = &profile
	}
	return flags
}

// variable is the value of an input variable that Terraform was told.
func (d deletion) variable(name string) (value string, told bool) {
	if value, told = d.by.Vars[name]; told {
		return value, true
	}
	return os.LookupEnv("TF_VAR_" + name)
}

// foreign is an error for a repository that locals.tf names for another environment than the one that Terraform works
// on: then Terraform's data folder leads to the state of that other one.
func (d deletion) foreign(s settings.Settings) error {
	is := state.Repository{ARN: d.arn}
	for _, e := range s.Environments {
		owns := slices.ContainsFunc(e.Repositories, func(r settings.Repository) bool { return r.Name == d.name })
		if e.Name == s.Name || !owns || e.Region != is.Region() || e.Account != os.Getenv("ECR_REGISTRY_ID") {
			continue
		}
		return hint.Add(fmt.Errorf("refusing to delete %s: it is of environment %s, and terraform works on %s; its images are kept",
			d.name, e.Name, s.Name), "TF_DATA_DIR leads to the state of %s; the lines that belong together: mage env %s output -terraform",
			e.Name, menu.Quote(s.Name))
	}
	return nil
}

func (d deletion) empty(ctx context.Context, s *session.Session) error {
	cleaner, err := NewCleaner(ctx, s, d.again())
	if err != nil {
		return err
	}
	options, err := permitted(s.AWS.Pinned)
	if err != nil {
		return err
	}
	decisions, err := cleaner.Decide(ctx, []string{d.name}, options)
	if err != nil {
		return err
	}
	cleaner.sayWhere(decisions)
	images := len(decisions[0].Images)
	if images > 0 && !d.by.Destroys && os.Getenv("CLEANUP_MODE") != "true" {
		return d.refuse(images)
	}
	AnnounceCleanup(s.Console, decisions)
	if images == 0 {
		return nil
	}
	_, err = cleaner.Execute(ctx, decisions[0])
	return err
}

// permitted are the registry and the repositories that a cleanup may touch: the environment names them, and locals.tf
// pins an account. A variable that is set and empty allows no repository, because an empty value must not mean "all".
func permitted(pinned string) (ecr.CleanupOptions, error) {
	o := ecr.CleanupOptions{ExpectRegistry: pinned}
	if id := os.Getenv("ECR_REGISTRY_ID"); id != "" {
		if pinned != "" && pinned != id {
			return o, hint.Add(
				fmt.Errorf("ECR_REGISTRY_ID is %q, and locals.tf pins account %q: nothing may be deleted", id, pinned),
				"set account_id in locals.tf to the account of the repositories, or unset ECR_REGISTRY_ID")
		}
		o.ExpectRegistry = id
	}
	if arns, set := os.LookupEnv("ECR_REPOSITORY_ARNS"); set {
		o.ExpectARNs = strings.FieldsFunc(arns, func(r rune) bool { return r == ',' })
		if len(o.ExpectARNs) == 0 {
			return o, hint.Add(errors.New("ECR_REPOSITORY_ARNS names no repository: nothing may be deleted"),
				"unset ECR_REPOSITORY_ARNS")
		}
	}
	return o, nil
}

func (d deletion) refuse(images int) error {
	why := fmt.Sprintf("only terraform destroy and terraform apply -destroy delete images, and this is %s", d.command())
	next := "to delete the images with the repository: CLEANUP_MODE=true " + d.command()
	switch {
	case d.by.Words == nil:
		why = "the command line of terraform cannot be read, so this may be no terraform destroy"
	case d.by.Saved:
		why = "a saved plan does not say whether it is for a destroy"
		next += " (save the plan again first)"
	}
	text := fmt.Sprintf("refusing to delete %s, which holds %s: %s", d.name, console.Count(images, "image", "images"), why)
	return hint.Add(errors.New(text), "%s", next)
}

// again is what to type to go on where a cleanup stopped.
func (d deletion) again() string {
	if d.by.Destroys {
		return d.command()
	}
	return "CLEANUP_MODE=true " + d.command()
}

func (d deletion) command() string {
	if d.by.Words == nil {
		return "terraform destroy"
	}
	var quoted []string
	for _, word := range d.by.Words {
		quoted = append(quoted, menu.Quote(word))
	}
	return strings.Join(quoted, " ")
}
