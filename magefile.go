//go:build mage

//mage:multiline

// Ship two container images, a WebSocket server and its client, to Amazon ECR.
//
//	mage local deploy push:all ecr:status    try all of it, without an AWS account
//	mage deploy                              create or update the repositories
//	mage push:all                            build, tag and push the images
//	mage ecr:status                          look at the repositories and images
//	mage destroy                             delete the images and the repositories
//
// The targets of every day:
//
//	deliver  plan, deploy, push:all, ship; push:app and push:client; tag:app and tag:client; promote:all
//	look     ecr:status, ecr:report, ecr:scan, ecr:retention, build:vulns, drift, output, doctor
//	tidy     ecr:cleanup, destroy
//	state    state:bootstrap, state:lock, state:unlock
//	rights   iam:write
//	develop  env, local, serve, build:all, test, check, bench
//
// "mage -h deploy" shows what a target does, its flags and an example.
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
	"envoy-proxy-poc/tasks/rights"
	"envoy-proxy-poc/tasks/session"
	"envoy-proxy-poc/tasks/stack"
)

// source is this file. The command line is checked against its targets and flags.
//
//go:embed magefile.go
var source string

// The whole command line is checked before the first target runs. Mage checks one target after the other, and reads an
// unknown flag in front of a target as a request for help.
func init() {
	args, err := menu.Check(source, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(2)
	}
	os.Args = append(os.Args[:1], args...)
}

type (
	Build     mg.Namespace
	ECR       mg.Namespace
	IAM       mg.Namespace
	Promote   mg.Namespace
	Push      mg.Namespace
	Providers mg.Namespace
	State     mg.Namespace
	Tag       mg.Namespace
)

// Deploy creates or updates the repositories, then shows them.
// It shows Terraform's plan, asks, applies the plan and logs Docker in.
// A plan that deletes or replaces a repository is refused without -allowDelete. So is a changed lifecycle policy that
// takes latest, a tag of protect_tags or an image of -inUse: ECR is asked before the plan is applied.
// Example: mage deploy -inUse=in-use.txt
func Deploy(ctx context.Context,
	yes *bool, // apply without asking
	allowDelete *bool, // allow a plan that deletes or replaces a repository, or expires protected images
	inUse *string, // refuse a lifecycle policy that takes an image whose digest is in this file
	lockTimeout *time.Duration, // wait this long for another run's state lock (default 2m)
	json *bool, // print what was done, and the repositories, as JSON
) error {
	return session.End(ctx,
		tasks.Deploy(ctx, deployOptions(yes, allowDelete, lockTimeout), value(inUse), value(json)))
}

func deployOptions(yes, allowDelete *bool, lockTimeout *time.Duration) stack.DeployOptions {
	return stack.DeployOptions{
		Yes: value(yes), AllowDelete: value(allowDelete),
		LockTimeout: valueOr(lockTimeout, stack.DefaultLockTimeout),
	}
}

// Plan shows what deploy would change, and changes nothing.
// Example: mage plan
func Plan(ctx context.Context,
	lock *bool, // hold the state's lock; with -lock=false wait for no other run (default true)
	json *bool, // print Terraform's own JSON events, one a line
) error {
	return session.End(ctx, stack.Plan(ctx, value(json), valueOr(lock, true)))
}

// Drift shows what deploy would change, and exits 3 if it would.
// It exits 0 when AWS is as the code says, and 1 when that is unknown.
// Example: mage drift
func Drift(ctx context.Context,
	lock *bool, // hold the state's lock; with -lock=false wait for no other run (default true)
	json *bool, // print the changes as JSON
) error {
	return session.End(ctx, stack.Drift(ctx, value(json), valueOr(lock, true)))
}

// Destroy deletes every image, then the repositories.
// It asks for the word "destroy", and removes a repository only when that is proved empty.
// Example: mage destroy
func Destroy(ctx context.Context,
	yes *bool, // delete without asking
	lockTimeout *time.Duration, // wait this long for another run's state lock (default 2m)
) error {
	return session.End(ctx, tasks.Destroy(ctx, tasks.DestroyOptions{
		Yes: value(yes), LockTimeout: valueOr(lockTimeout, stack.DefaultLockTimeout),
	}))
}

// Output prints Terraform's outputs.
// Example: mage output -json
func Output(ctx context.Context,
	json *bool, // print them as terraform output -json does
	terraform *bool, // print the plain terraform commands of this environment instead, without AWS
) error {
	if value(terraform) {
		return session.End(ctx, stack.PlainTerraform(value(json)))
	}
	return session.End(ctx, stack.Output(ctx, value(json)))
}

// App builds, tags and pushes the server's image.
// It prints the digest reference of the image.
// Example: mage push:app -tag=v1.4.0
func (Push) App(ctx context.Context,
	tag *string, // write these tags, comma-separated (default: git commit, latest and, for a new digest, a timestamp)
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	sbom *bool, // attach a CycloneDX list of the image's contents
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and move no tag
	wait *time.Duration, // wait this long for the scan (default 5m)
	strict *bool, // push nothing that is not built from a commit as it is; with -failOn, refuse what was not scanned
	dryRun *bool, // build and compare, but write nothing to the registry
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Push(ctx,
		pushOptions([]string{"app"}, tag, platform, engine, nil, failOn, wait, sbom, strict, dryRun, json)))
}

// Client builds, tags and pushes the client's image.
// It prints the digest reference of the image.
// Example: mage push:client -tag=v1.4.0
func (Push) Client(ctx context.Context,
	tag *string, // write these tags, comma-separated (default: git commit, latest and, for a new digest, a timestamp)
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	sbom *bool, // attach a CycloneDX list of the image's contents
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and move no tag
	wait *time.Duration, // wait this long for the scan (default 5m)
	strict *bool, // push nothing that is not built from a commit as it is; with -failOn, refuse what was not scanned
	dryRun *bool, // build and compare, but write nothing to the registry
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Push(ctx,
		pushOptions([]string{"client"}, tag, platform, engine, nil, failOn, wait, sbom, strict, dryRun, json)))
}

// All builds, tags and pushes every image of locals.tf.
// It prints a digest reference a line.
// Example: mage push:all -tag=v1.4.0,stable -failOn=critical
func (Push) All(ctx context.Context,
	tag *string, // write these tags, comma-separated (default: git commit, latest and, for a new digest, a timestamp)
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	skip *string, // leave out these images, comma-separated keys of locals.tf
	sbom *bool, // attach a CycloneDX list of the image's contents
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and move no tag
	wait *time.Duration, // wait this long for the scan (default 5m)
	strict *bool, // push nothing that is not built from a commit as it is; with -failOn, refuse what was not scanned
	dryRun *bool, // build and compare, but write nothing to the registry
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Push(ctx,
		pushOptions(nil, tag, platform, engine, skip, failOn, wait, sbom, strict, dryRun, json)))
}

// Image builds, tags and pushes one image of locals.tf.
// NAME is its key in locals.tf. It prints the digest reference of the image.
// Example: mage push:image app -dryRun
func (Push) Image(ctx context.Context, name string,
	tag *string, // write these tags, comma-separated (default: git commit, latest and, for a new digest, a timestamp)
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	sbom *bool, // attach a CycloneDX list of the image's contents
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and move no tag
	wait *time.Duration, // wait this long for the scan (default 5m)
	strict *bool, // push nothing that is not built from a commit as it is; with -failOn, refuse what was not scanned
	dryRun *bool, // build and compare, but write nothing to the registry
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Push(ctx,
		pushOptions([]string{name}, tag, platform, engine, nil, failOn, wait, sbom, strict, dryRun, json)))
}

func pushOptions(apps []string, tag, platform, engine, skip, failOn *string, wait *time.Duration,
	sbom, strict, dryRun, json *bool,
) images.PushOptions {
	return images.PushOptions{
		Build: buildOptions(apps, platform, engine, skip, json),
		Tags:  value(tag), SBOM: value(sbom), Gate: gate(failOn, strict, wait), DryRun: value(dryRun),
	}
}

func gate(failOn *string, strict *bool, wait *time.Duration) session.Gate {
	return session.Gate{FailOn: value(failOn), Strict: value(strict), Wait: valueOr(wait, session.DefaultScanWait)}
}

// App builds the server's image into dist, without a registry.
// It writes an OCI layout and prints the digest.
// Example: mage build:app -platform=linux/arm64
func (Build) App(ctx context.Context,
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	json *bool, // print the result as JSON
) error {
	return build(ctx, []string{"app"}, platform, engine, nil, json)
}

// Client builds the client's image into dist, without a registry.
// It writes an OCI layout and prints the digest.
// Example: mage build:client -platform=linux/arm64
func (Build) Client(ctx context.Context,
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	json *bool, // print the result as JSON
) error {
	return build(ctx, []string{"client"}, platform, engine, nil, json)
}

// All builds every image into dist, without a registry.
// It writes an OCI layout for each image of locals.tf, and prints a digest a line.
// Example: mage build:all -json
func (Build) All(ctx context.Context,
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	skip *string, // leave out these images, comma-separated keys of locals.tf
	json *bool, // print the result as JSON
) error {
	return build(ctx, nil, platform, engine, skip, json)
}

// Image builds one image into dist, without a registry.
// NAME is its key in locals.tf. It writes an OCI layout and prints the digest.
// Example: mage build:image app
func (Build) Image(ctx context.Context, name string,
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	json *bool, // print the result as JSON
) error {
	return build(ctx, []string{name}, platform, engine, nil, json)
}

// Vulns looks the programs up in Go's vulnerability database.
// It builds the images as push:all does. It exits 3 when a vulnerable function is linked in.
// A vulnerable module without such a function is shown, and exits 0.
// Example: mage build:vulns -db=https://vuln.go.dev
func (Build) Vulns(ctx context.Context,
	db *string, // use this database: the address of a mirror, or a folder (default https://vuln.go.dev)
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	skip *string, // leave out these images, comma-separated keys of locals.tf
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Vulns(ctx, buildOptions(nil, platform, engine, skip, json), value(db)))
}

func build(ctx context.Context, apps []string, platform, engine, skip *string, json *bool) error {
	return session.End(ctx, images.Build(ctx, buildOptions(apps, platform, engine, skip, json)))
}

func buildOptions(apps []string, platform, engine, skip *string, json *bool) images.BuildOptions {
	return images.BuildOptions{
		Apps: apps, Platforms: value(platform), Engine: value(engine), Skip: value(skip), JSON: value(json),
	}
}

// App points a tag at another image of the server.
// FROM is a tag, a commit or a digest in the registry, TO the tag to write. The first digits are enough.
// Example: mage tag:app v1.4.0 latest
func (Tag) App(ctx context.Context, from, to string,
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Tag(ctx, []string{"app"}, from, to, value(json)))
}

// Client points a tag at another image of the client.
// FROM is a tag, a commit or a digest in the registry, TO the tag to write. The first digits are enough.
// Example: mage tag:client v1.4.0 latest
func (Tag) Client(ctx context.Context, from, to string,
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Tag(ctx, []string{"client"}, from, to, value(json)))
}

// Image points a tag at another image of a repository.
// NAME is its key in locals.tf, FROM a tag, a commit or a digest in the registry, TO the tag to write.
// Example: mage tag:image app v1.4.0 latest
func (Tag) Image(ctx context.Context, name, from, to string,
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Tag(ctx, []string{name}, from, to, value(json)))
}

// All points a tag at another image, in every repository.
// FROM is a tag, a commit or a digest in every repository, TO the tag to write. The first digits are enough.
// Example: mage tag:all v1.4.0 latest
func (Tag) All(ctx context.Context, from, to string,
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, images.Tag(ctx, nil, from, to, value(json)))
}

// App copies the server's image into another environment.
// FROM is a tag, a commit or a digest in the registry. It copies by digest, with signatures and SBOMs.
// Example: mage promote:app v1.4.0 -to=prod
func (Promote) App(ctx context.Context, from string,
	to *string, // copy into this environment of locals.tf; required
	tag *string, // write these tags there, comma-separated (default: FROM, where it is a tag)
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and copy nothing
	dryRun *bool, // ask both environments, but write nothing
	json *bool, // print the result as JSON
) error {
	return promote(ctx, []string{"app"}, from, to, tag, failOn, dryRun, json)
}

// Client copies the client's image into another environment.
// FROM is a tag, a commit or a digest in the registry. It copies by digest, with signatures and SBOMs.
// Example: mage promote:client v1.4.0 -to=prod
func (Promote) Client(ctx context.Context, from string,
	to *string, // copy into this environment of locals.tf; required
	tag *string, // write these tags there, comma-separated (default: FROM, where it is a tag)
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and copy nothing
	dryRun *bool, // ask both environments, but write nothing
	json *bool, // print the result as JSON
) error {
	return promote(ctx, []string{"client"}, from, to, tag, failOn, dryRun, json)
}

// Image copies one image of locals.tf into another environment.
// NAME is its key in locals.tf, FROM a tag, a commit or a digest. It copies by digest, with signatures and SBOMs.
// Example: mage promote:image app v1.4.0 -to=prod -dryRun
func (Promote) Image(ctx context.Context, name, from string,
	to *string, // copy into this environment of locals.tf; required
	tag *string, // write these tags there, comma-separated (default: FROM, where it is a tag)
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and copy nothing
	dryRun *bool, // ask both environments, but write nothing
	json *bool, // print the result as JSON
) error {
	return promote(ctx, []string{name}, from, to, tag, failOn, dryRun, json)
}

// All copies every image into another environment.
// FROM is a tag, a commit or a digest in every repository. The tags are written last, all or none.
// Example: mage promote:all v1.4.0 -to=prod -failOn=critical
func (Promote) All(ctx context.Context, from string,
	to *string, // copy into this environment of locals.tf; required
	tag *string, // write these tags there, comma-separated (default: FROM, where it is a tag)
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and copy nothing
	dryRun *bool, // ask both environments, but write nothing
	json *bool, // print the result as JSON
) error {
	return promote(ctx, nil, from, to, tag, failOn, dryRun, json)
}

func promote(ctx context.Context, apps []string, from string, to, tag, failOn *string, dryRun, json *bool) error {
	return session.End(ctx, images.Promote(ctx, apps, from, images.PromoteOptions{
		To: value(to), Tags: value(tag), Gate: gate(failOn, nil, nil), DryRun: value(dryRun), JSON: value(json),
	}))
}

// Ship runs deploy and push:all at the same time.
// The images build while Terraform runs. They are pushed when both have succeeded.
// With -failOn, tags such as latest move only when the scans of all images pass.
// Example: mage ship -yes -failOn=critical
func Ship(ctx context.Context,
	yes *bool, // apply without asking
	allowDelete *bool, // allow a plan that deletes or replaces a repository, or expires protected images
	lockTimeout *time.Duration, // wait this long for another run's state lock (default 2m)
	tag *string, // write these tags, comma-separated (default: git commit, latest and, for a new digest, a timestamp)
	platform *string, // build for these platforms, comma-separated (default linux/amd64,linux/arm64)
	engine *string, // build with native (Go, without Docker) or docker (the Dockerfile) (default: by image)
	skip *string, // leave out these images, comma-separated keys of locals.tf
	sbom *bool, // attach a CycloneDX list of the image's contents
	failOn *string, // wait for the scan; for findings of this severity or worse, exit 3 and move no tag
	wait *time.Duration, // wait this long for the scan (default 5m)
	strict *bool, // push nothing that is not built from a commit as it is; with -failOn, refuse what was not scanned
	json *bool, // print the result as JSON
) error {
	return session.End(ctx, tasks.Ship(ctx, tasks.ShipOptions{
		Deploy: deployOptions(yes, allowDelete, lockTimeout),
		Push:   pushOptions(nil, tag, platform, engine, skip, failOn, wait, sbom, strict, nil, json),
	}))
}

// Login stores a 12-hour registry credential for Docker.
// It writes where Docker looks for it, and honours credential stores and helpers. No Docker is needed.
// Example: mage ecr:login -region=us-west-2
func (ECR) Login(ctx context.Context,
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
	json *bool, // print where the credential is, without the password, as JSON
) error {
	return session.End(ctx, registry.Login(ctx, where(region, profile), value(json)))
}

// Status shows the repositories and their newest images.
// A repository has its address, size and cost, an image its scan and its expiry.
// It exits 1 when a repository is missing or ECR did not answer for it; the others are shown all the same.
// Example: mage ecr:status -repo=app -images=20
func (ECR) Status(ctx context.Context,
	images *int, // show the N newest images of each repository, -1 for all (default 5, with -json all)
	repo *string, // take only this repository: its name, or its key in locals.tf
	json *bool, // print JSON
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, registry.Status(ctx, where(region, profile), registry.StatusOptions{
		Images: valueOr(images, registry.DefaultImages(value(json))), Repo: value(repo), JSON: value(json),
	}))
}

// Cleanup deletes images, by default all of them.
// It shows the images and asks for each repository's name; CLEANUP_MODE=true in the environment means -yes.
// It deletes indexes first, and without a filter until every repository is proved empty.
// With filters (-untagged, -olderThan, -keep, -tag) it deletes what meets all of them, and never a part of an image that
// is kept. Filters never take what latest points at, nor what -protect and -inUse name.
// Example: mage ecr:cleanup -tag='pr-*' -olderThan=168h -dryRun
func (ECR) Cleanup(ctx context.Context,
	yes *bool, // delete without asking
	dryRun *bool, // show the images, but delete nothing
	repo *string, // take only this repository: its name, or its key in locals.tf
	untagged *bool, // delete only images without a tag
	olderThan *time.Duration, // delete only images pushed longer ago than this, such as 720h
	keep *int, // keep the N newest tagged images, and all caches and charts with a tag
	tag *string, // delete only images whose tags all match this pattern, such as pr-*
	protect *string, // keep images with a tag that matches one of these patterns too, such as v*,stable
	inUse *string, // keep the images whose digests are in this file, in any text such as kubectl's output
	json *bool, // print what is deleted as JSON
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, registry.Cleanup(ctx, where(region, profile), registry.CleanupOptions{
		Yes: value(yes), DryRun: value(dryRun), Repo: value(repo), Untagged: value(untagged),
		OlderThan: valueOr(olderThan, registry.AnyAge), Keep: valueOr(keep, registry.KeepNone),
		Tag: value(tag), Protect: value(protect), InUse: value(inUse), JSON: value(json), Held: stack.HeldARNs,
	}))
}

// Scan shows what ECR's image scans found, and can be a gate.
// It starts a scan of an image that has none, and waits for running scans.
// With -failOn, an unsupported image only warns and any other missing result exits 1.
// With -strict, every missing result exits 3.
// Example: mage ecr:scan -failOn=critical
func (ECR) Scan(ctx context.Context,
	failOn *string, // exit 3 for findings of this severity or worse: critical, high, medium, low, informational
	strict *bool, // exit 3 for an image without a result too: unsupported, pending, failed, expired
	image *string, // show this tag or digest (default: the newest image with a tag)
	wait *time.Duration, // wait this long for a running scan (default 5m)
	repo *string, // take only this repository: its name, or its key in locals.tf
	json *bool, // print all findings as JSON
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, registry.Scan(ctx, where(region, profile), registry.ScanOptions{
		Gate: gate(failOn, strict, wait), Image: value(image), Repo: value(repo), JSON: value(json),
	}))
}

// Retention shows which images the lifecycle policies delete next.
// ECR itself previews it. It exits 3 when an image in use is among them.
// It warns of the newest image, of latest, and of a rule that matches nothing.
// Example: mage ecr:retention -inUse=in-use.txt
func (ECR) Retention(ctx context.Context,
	inUse *string, // read the digests in use from this file, from any text such as kubectl's output
	wait *time.Duration, // wait this long for ECR's preview (default 5m)
	repo *string, // take only this repository: its name, or its key in locals.tf
	json *bool, // print JSON
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, registry.Retention(ctx, where(region, profile), registry.RetentionOptions{
		InUse: value(inUse), Wait: valueOr(wait, registry.DefaultPreviewWait), Repo: value(repo), JSON: value(json),
	}))
}

// Report writes images, expiries and findings as a web page.
// The page is one HTML file that loads nothing and needs no JavaScript.
// It exits 1 when a repository is missing or ECR did not answer for it; the page is written all the same.
// Example: mage ecr:report -out=report.html
func (ECR) Report(ctx context.Context,
	out *string, // write this file, and make its folder (default report.html)
	images *int, // show the N newest images of each repository, -1 for all (default 50)
	inUse *string, // mark the images whose digests are in this file, in any text such as kubectl's output
	repo *string, // take only this repository: its name, or its key in locals.tf
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, registry.Report(ctx, where(region, profile), registry.ReportOptions{
		Out:    valueOr(out, registry.DefaultReport),
		Images: valueOr(images, registry.DefaultReportImages), InUse: value(inUse), Repo: value(repo), Lock: stack.ReadLock,
	}))
}

// Images prints the images behind a tag by their digests.
// It is for programs that deploy them. It exits 1 and prints nothing when a repository has no image with the tag.
// The name in the format kustomize is the key in locals.tf.
// Example: mage ecr:images -format=kustomize
func (ECR) Images(ctx context.Context,
	tag *string, // print the images with this tag, commit or digest (default latest)
	format *string, // print lines (repository@digest, the default), json or kustomize (a block images:)
	repo *string, // take only this repository: its name, or its key in locals.tf
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, registry.References(ctx, where(region, profile), registry.ReferenceOptions{
		Tag: valueOr(tag, "latest"), Format: valueOr(format, "lines"), Repo: value(repo),
	}))
}

// PullSecret prints a secret for Kubernetes to pull images with.
// Pipe it into kubectl apply -f -: a terminal does not show it. Its credential ends after 12 hours.
// Example: mage ecr:pullSecret -namespace=team
func (ECR) PullSecret(ctx context.Context,
	name *string, // call the secret this (default ecr-pull)
	namespace *string, // put it into this namespace (default: the one that kubectl uses)
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, registry.PullSecret(ctx, where(region, profile),
		valueOr(name, registry.DefaultPullSecret), value(namespace)))
}

// Bootstrap creates or adopts the bucket of the state.
// The bucket is versioned, encrypted and private, and takes requests over TLS only.
// Example: mage state:bootstrap
func (State) Bootstrap(ctx context.Context) error { return session.End(ctx, stack.Bootstrap(ctx)) }

// Lock prints the owner of the state's lock, if there is one.
// Example: mage state:lock -json
func (State) Lock(ctx context.Context,
	json *bool, // print JSON
) error {
	return session.End(ctx, stack.Lock(ctx, value(json)))
}

// Unlock releases a state lock that a dead run left behind.
// ID is the one that state:lock prints. It asks, and keeps a lock with another id.
// Example: mage state:unlock 5e1a9d0c-7c1f-b9de-4f40-2f3b9b1c0a11
func (State) Unlock(ctx context.Context, id string,
	yes *bool, // release without asking
) error {
	return session.End(ctx, stack.Unlock(ctx, id, value(yes)))
}

// Lock adds the provider's checksums of every platform.
// It writes .terraform.lock.hcl and keeps the checksums that are there.
// It names the platforms that the source does not have.
// Example: mage providers:lock
func (Providers) Lock(ctx context.Context) error { return session.End(ctx, stack.LockProviders(ctx)) }

// Write makes the IAM policies and trust documents again.
// It writes .github/iam for the repositories of locals.tf and the state of backend.tf. It changes nothing in AWS.
// Example: mage iam:write -account=123456789012 -github=OWNER/REPO
func (IAM) Write(
	account *string, // put in this AWS account (default: locals.tf's account_id, else the word ACCOUNT_ID)
	github *string, // trust this repository, as OWNER/REPO or OWNER@ID/REPO@ID
	subject *string, // trust the repository of this subject prefix in GitHub's tokens (default: the word SUBJECT_PREFIX)
) error {
	return session.End(context.Background(),
		rights.Write(rights.Options{Account: value(account), GitHub: value(github), Subject: value(subject)}))
}

// Env runs the targets after it on an environment of locals.tf.
// NAME is a key of environments there, or the default's own name. It comes first, or after local.
// DEPLOY_ENVIRONMENT=NAME means the same. A question asks for NAME; only -yes answers it beforehand.
// Example: mage env prod deploy push:all
func Env(ctx context.Context, name string) error {
	return session.End(ctx, stack.Environment(ctx, name))
}

// Local runs the targets after it against an AWS in this process.
// Its data is kept in .local. Nothing asks, and no account, Docker or AWS CLI is needed.
// Example: mage local deploy push:all ecr:status
func Local(ctx context.Context) error { return session.End(ctx, local.Local(ctx)) }

// Serve serves the local AWS to other programs until interrupted.
// The AWS CLI, docker, terraform and the SDKs can use it, and a browser sees the page of ecr:report at its address.
// It prints the lines that point a shell at it, and writes them to .local/env.
// Example: mage serve -dialect=ecr
func Serve(ctx context.Context,
	dialect *string, // answer PATCH as the OCI standard says (oci, the default) or as Amazon ECR does (ecr)
	faults *string, // let the requests fail that this JSON file lists
	findings *string, // let image scans find what this JSON file lists
) error {
	return session.End(ctx, local.Serve(ctx,
		local.ServeOptions{Dialect: value(dialect), Faults: value(faults), Findings: value(findings), Page: page}))
}

func page(ctx context.Context, s *session.Session) ([]byte, error) {
	return registry.Page(ctx, s, stack.ReadLock)
}

// Doctor checks this machine and AWS, and says what to fix.
// It prints a line each for tools, credentials, region, bucket, repositories and disk.
// It changes nothing, and exits 1 when there is a fault.
// Example: mage doctor
func Doctor(ctx context.Context,
	json *bool, // print JSON
	region *string, // use this AWS region (default: AWS_REGION, then locals.tf)
	profile *string, // use this AWS profile (default: AWS_PROFILE, then locals.tf)
) error {
	return session.End(ctx, doctor.Doctor(ctx, where(region, profile), value(json)))
}

// Test runs every test: Go's, Terraform's, and the stories.
// With -short it leaves out what plays many targets: the stories, the documents, the workflows.
// Example: mage test -short
func Test(ctx context.Context,
	short *bool, // leave out the tests that take long
) error {
	return session.End(ctx, dev.Test(ctx, value(short)))
}

// Check runs what CI runs: formats, linters, tests, a clean tree.
// Example: mage check -only=format,golangci-lint
func Check(ctx context.Context,
	only *string, // run only these checks, comma-separated (default: all)
) error {
	return session.End(ctx, dev.Check(ctx, value(only)))
}

// Bench compares the suite with what it replaces.
// It runs both sides in turns and prints medians and ratios.
// Example: mage bench
func Bench(ctx context.Context) error { return session.End(ctx, dev.Bench(ctx)) }

func where(region, profile *string) session.Where {
	return session.Where{Region: region, Profile: profile}
}

// value is the value of a flag, or the zero value when the flag is absent.
func value[T any](flag *T) T { return valueOr(flag, *new(T)) }

func valueOr[T any](flag *T, otherwise T) T {
	if flag == nil {
		return otherwise
	}
	return *flag
}
