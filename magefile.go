//go:build mage

//mage:multiline

// Ship two container images, a WebSocket server and its client, to Amazon ECR.
//
//	mage local deploy push:all ecr:status    all of it, without an AWS account
//	mage deploy                              create or update the repositories
//	mage push:all                            build, tag and push both images
//	mage ship                                deploy and push:all at once
//	mage ecr:status                          see what is there
//	mage destroy                             delete the images, then the repositories
//
// Targets after "local" run against an AWS inside this process. "mage -h deploy" shows a target's flags.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"time"

	"github.com/magefile/mage/mg"

	"envoy-proxy-poc/tasks"
	"envoy-proxy-poc/tasks/dev"
	"envoy-proxy-poc/tasks/doctor"
	"envoy-proxy-poc/tasks/images"
	"envoy-proxy-poc/tasks/local"
	"envoy-proxy-poc/tasks/menu"
	"envoy-proxy-poc/tasks/registry"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// source is this file: the command line is checked against the targets and flags below.
//
//go:embed magefile.go
var source string

// The whole command line is checked before the first target runs. Mage finds faults out one target after the other, and
// takes an unknown flag in front of a target for a call for help.
func init() {
	if err := menu.Check(source, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(2)
	}
}

type (
	Build     mg.Namespace
	ECR       mg.Namespace
	Push      mg.Namespace
	Providers mg.Namespace
	State     mg.Namespace
	Tag       mg.Namespace
)

// Deploy creates or updates the repositories, then logs in and shows them.
// It shows Terraform's plan and asks before it applies it. A plan that deletes or replaces a repository is refused without -allowDelete.
func Deploy(ctx context.Context,
	yes *bool, // apply without asking
	allowDelete *bool, // let a plan through that deletes or replaces a repository
	lockTimeout *time.Duration, // how long to wait for another run's state lock (default 2m)
) error {
	return tasks.Deploy(ctx, stack.DeployOptions{Yes: value(yes), AllowDelete: value(allowDelete), LockTimeout: valueOr(lockTimeout, stack.DefaultLockTimeout)})
}

// Plan shows what deploy would change, and changes nothing.
func Plan(ctx context.Context,
	json *bool, // Terraform's own JSON events, one a line
) error {
	return stack.Plan(ctx, value(json))
}

// Drift shows what deploy would change, and exits 3 when that is anything.
// It exits 0 when AWS is as the code says, and 1 when it cannot be told.
func Drift(ctx context.Context) error {
	return stack.Drift(ctx)
}

// Destroy deletes every image of the repositories, then the repositories.
func Destroy(ctx context.Context,
	yes *bool, // do not ask for the word
	lockTimeout *time.Duration, // how long to wait for another run's state lock (default 2m)
) error {
	return tasks.Destroy(ctx, tasks.DestroyOptions{Yes: value(yes), LockTimeout: valueOr(lockTimeout, stack.DefaultLockTimeout)})
}

// Output prints Terraform's outputs.
func Output(ctx context.Context,
	json *bool, // as terraform output -json prints them
) error {
	return stack.Output(ctx, value(json))
}

// App builds, tags and pushes the server's image, and prints its digest reference.
func (Push) App(ctx context.Context,
	tag *string, // tags to write, comma-separated (default: the git commit, latest and, for a new digest, a timestamp)
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	sbom *bool, // attach a CycloneDX list of what the image is made of
	dryRun *bool, // build and look, write nothing to the registry
	json *bool, // the result as JSON
) error {
	return push(ctx, []string{"app"}, tag, platform, engine, sbom, dryRun, json)
}

// Client builds, tags and pushes the client's image, and prints its digest reference.
func (Push) Client(ctx context.Context,
	tag *string, // tags to write, comma-separated (default: the git commit, latest and, for a new digest, a timestamp)
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	sbom *bool, // attach a CycloneDX list of what the image is made of
	dryRun *bool, // build and look, write nothing to the registry
	json *bool, // the result as JSON
) error {
	return push(ctx, []string{"client"}, tag, platform, engine, sbom, dryRun, json)
}

// All builds, tags and pushes every image of locals.tf, and prints a digest reference a line.
func (Push) All(ctx context.Context,
	tag *string, // tags to write, comma-separated (default: the git commit, latest and, for a new digest, a timestamp)
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	sbom *bool, // attach a CycloneDX list of what the image is made of
	dryRun *bool, // build and look, write nothing to the registry
	json *bool, // the result as JSON
) error {
	return push(ctx, nil, tag, platform, engine, sbom, dryRun, json)
}

// Image builds, tags and pushes one image of locals.tf by name, and prints its digest reference.
func (Push) Image(ctx context.Context, name string,
	tag *string, // tags to write, comma-separated (default: the git commit, latest and, for a new digest, a timestamp)
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	sbom *bool, // attach a CycloneDX list of what the image is made of
	dryRun *bool, // build and look, write nothing to the registry
	json *bool, // the result as JSON
) error {
	return push(ctx, []string{name}, tag, platform, engine, sbom, dryRun, json)
}

func push(ctx context.Context, apps []string, tag, platform, engine *string, sbom, dryRun, json *bool) error {
	return images.Push(ctx, pushOptions(apps, tag, platform, engine, sbom, dryRun, json))
}

func pushOptions(apps []string, tag, platform, engine *string, sbom, dryRun, json *bool) images.PushOptions {
	return images.PushOptions{BuildOptions: buildOptions(apps, platform, engine, json), Tags: value(tag), SBOM: value(sbom), DryRun: value(dryRun)}
}

// App builds the server's image into an OCI layout below dist/, and prints its digest.
func (Build) App(ctx context.Context,
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	json *bool, // the result as JSON
) error {
	return build(ctx, []string{"app"}, platform, engine, json)
}

// Client builds the client's image into an OCI layout below dist/, and prints its digest.
func (Build) Client(ctx context.Context,
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	json *bool, // the result as JSON
) error {
	return build(ctx, []string{"client"}, platform, engine, json)
}

// All builds every image of locals.tf into OCI layouts below dist/, and prints a digest a line.
func (Build) All(ctx context.Context,
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	json *bool, // the result as JSON
) error {
	return build(ctx, nil, platform, engine, json)
}

// Image builds one image of locals.tf by name into an OCI layout below dist/, and prints its digest.
func (Build) Image(ctx context.Context, name string,
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	json *bool, // the result as JSON
) error {
	return build(ctx, []string{name}, platform, engine, json)
}

func build(ctx context.Context, apps []string, platform, engine *string, json *bool) error {
	return images.Build(ctx, buildOptions(apps, platform, engine, json))
}

func buildOptions(apps []string, platform, engine *string, json *bool) images.BuildOptions {
	return images.BuildOptions{Apps: apps, Platforms: value(platform), Engine: value(engine), JSON: value(json)}
}

// App points another tag at an image of the server that is in the registry; nothing is pulled.
func (Tag) App(ctx context.Context, from, to string,
	json *bool, // the result as JSON
) error {
	return images.Tag(ctx, "app", from, to, value(json))
}

// Client points another tag at an image of the client that is in the registry; nothing is pulled.
func (Tag) Client(ctx context.Context, from, to string,
	json *bool, // the result as JSON
) error {
	return images.Tag(ctx, "client", from, to, value(json))
}

// Image points another tag at an image that is in the registry, of a repository of locals.tf by name; nothing is pulled.
func (Tag) Image(ctx context.Context, name, from, to string,
	json *bool, // the result as JSON
) error {
	return images.Tag(ctx, name, from, to, value(json))
}

// Ship is deploy and push:all at once: the images build while Terraform runs, and are pushed when both went well.
func Ship(ctx context.Context,
	yes *bool, // apply without asking
	allowDelete *bool, // let a plan through that deletes or replaces a repository
	lockTimeout *time.Duration, // how long to wait for another run's state lock (default 2m)
	tag *string, // tags to write, comma-separated (default: the git commit, latest and, for a new digest, a timestamp)
	platform *string, // platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // native (default; needs no Docker), or docker: builds the Dockerfile
	sbom *bool, // attach a CycloneDX list of what the image is made of
	json *bool, // the result as JSON
) error {
	return tasks.Ship(ctx, tasks.ShipOptions{
		Deploy: stack.DeployOptions{Yes: value(yes), AllowDelete: value(allowDelete), LockTimeout: valueOr(lockTimeout, stack.DefaultLockTimeout)},
		Push:   pushOptions(nil, tag, platform, engine, sbom, nil, json),
	})
}

// Login writes a 12-hour registry credential where Docker looks for it.
// No docker binary or daemon is needed; credential stores and helpers are honoured.
func (ECR) Login(ctx context.Context,
	region *string, // AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return registry.Login(ctx, session.Where{Region: region, Profile: profile})
}

// Status shows each repository: its address, newest images with their scans and expiry, size and cost.
// It exits 1 when a repository is missing or could not be asked for; the others are shown all the same.
func (ECR) Status(ctx context.Context,
	images *int, // newest images to show of each repository; all: -images=-1 (default 5, with -json all)
	repo *string, // one repository only: its name, or its key in locals.tf
	json *bool, // the same as JSON
	region *string, // AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return registry.Status(ctx, session.Where{Region: region, Profile: profile},
		registry.StatusOptions{Images: images, Repo: value(repo), JSON: value(json)})
}

// Cleanup deletes every image, indexes first, until the repositories are proved empty.
// It shows what goes, and asks for each repository's name; CLEANUP_MODE=true in the environment means -yes.
// With filters, only what meets all of them goes, and never a part of an image that stays.
func (ECR) Cleanup(ctx context.Context,
	yes *bool, // delete without asking
	dryRun *bool, // show what would be deleted, delete nothing
	repo *string, // one repository only: its name, or its key in locals.tf
	untagged *bool, // only images without a tag
	olderThan *time.Duration, // only images pushed longer ago, such as 720h
	keep *int, // all but so many of the newest tagged images
	region *string, // AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return registry.Cleanup(ctx, session.Where{Region: region, Profile: profile},
		registry.CleanupOptions{Yes: value(yes), DryRun: value(dryRun), Repo: value(repo), Untagged: value(untagged), OlderThan: olderThan, Keep: keep})
}

// Scan shows what ECR's image scans found, for each platform, and exits 3 as a gate.
// It starts the scan of what was never scanned, and waits for scans that run. Unsupported is not clean: it passes -failOn with a warning;
// another scan without a result exits 1 there, and -strict exits 3 for all of them.
func (ECR) Scan(ctx context.Context,
	failOn *string, // exit 3 for findings of this severity or worse: critical, high, medium, low, informational
	strict *bool, // exit 3 for an image without a result too: unsupported, pending, failed, expired
	image *string, // a tag or digest (default: the newest image that has a tag)
	wait *time.Duration, // how long a scan that runs is waited for (default 5m)
	repo *string, // one repository only: its name, or its key in locals.tf
	json *bool, // all findings, as JSON
	region *string, // AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return registry.Scan(ctx, session.Where{Region: region, Profile: profile}, registry.ScanOptions{
		FailOn: failOn, Strict: value(strict), Image: value(image), Wait: valueOr(wait, registry.DefaultScanWait), Repo: value(repo), JSON: value(json),
	})
}

// Retention shows what the lifecycle policies take next, as ECR itself previews it.
// It exits 3 when an image in use is among it, and warns of the newest image, of latest, and of a rule that matches nothing.
func (ECR) Retention(ctx context.Context,
	inUse *string, // a file with the digests in use, in any text: kubectl's output, image references
	wait *time.Duration, // how long ECR may take for its preview (default 5m)
	repo *string, // one repository only: its name, or its key in locals.tf
	json *bool, // the same as JSON
	region *string, // AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return registry.Retention(ctx, session.Where{Region: region, Profile: profile},
		registry.RetentionOptions{InUse: inUse, Wait: valueOr(wait, registry.DefaultPreviewWait), Repo: value(repo), JSON: value(json)})
}

// Bootstrap creates or adopts the state bucket: versioned, encrypted, private, TLS only.
func (State) Bootstrap(ctx context.Context) error {
	return stack.Bootstrap(ctx)
}

// Lock prints who holds the state's lock, since when, or that nobody does.
func (State) Lock(ctx context.Context,
	json *bool, // the same as JSON
) error {
	return stack.Lock(ctx, value(json))
}

// Unlock releases the state's lock that a dead run left behind.
// It asks, and it leaves a lock with another id alone.
func (State) Unlock(ctx context.Context, id string,
	yes *bool, // do not ask for the word
) error {
	return stack.Unlock(ctx, id, value(yes))
}

// Lock records the provider's checksums for every platform in Terraform's lock file.
// It drops none that are there, and says which platforms the source does not have.
func (Providers) Lock(ctx context.Context) error {
	return stack.LockProviders(ctx)
}

// Local runs the targets after it against an AWS inside this process.
// Its data lasts below .local; there is nothing to confirm, and no account, Docker or AWS CLI is needed.
func Local(ctx context.Context) error {
	return local.Local(ctx)
}

// Serve serves the local AWS until interrupted, for the AWS CLI, docker, terraform or an SDK.
// It prints the lines that point a shell at it, and writes them to .local/env.
func Serve(ctx context.Context,
	dialect *string, // oci, or ecr: the registry answers PATCH as Amazon ECR does (default oci)
	faults *string, // a JSON file of requests that go wrong
	findings *string, // a JSON file of what image scans find
) error {
	return local.Serve(ctx, local.ServeOptions{Dialect: value(dialect), Faults: value(faults), Findings: value(findings)})
}

// Doctor checks tools, credentials, region, bucket, repositories and disk, one line each, and says how to mend what is missing.
// It exits 1 when something is to be mended, and changes nothing.
func Doctor(ctx context.Context,
	json *bool, // the same as JSON
	region *string, // AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return doctor.Doctor(ctx, session.Where{Region: region, Profile: profile}, value(json))
}

// Test runs every test: Go's, Terraform's, and the stories of the menu.
func Test(ctx context.Context,
	short *bool, // leave out the tests that take long: the stories, the documents, the workflows
) error {
	return dev.Test(ctx, value(short))
}

// Check runs what CI runs: formats, linters, every test, and a look whether the tree is clean.
func Check(ctx context.Context,
	only *string, // some of the checks by name, comma-separated (default: all of them)
) error {
	return dev.Check(ctx, value(only))
}

// Bench measures the suite against what it replaces, both sides in one run, and prints medians and ratios.
func Bench(ctx context.Context) error {
	return dev.Bench(ctx)
}

// value is what a flag says, or the zero value where it was not given.
func value[T any](flag *T) T { return valueOr(flag, *new(T)) }

func valueOr[T any](flag *T, otherwise T) T {
	if flag == nil {
		return otherwise
	}
	return *flag
}
