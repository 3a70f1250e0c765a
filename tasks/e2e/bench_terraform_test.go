package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// BenchmarkVersusDeployFresh compares a first deploy with terraform's own init and apply. Only our side logs in and shows
// the status, too.
func BenchmarkVersusDeployFresh(b *testing.B) {
	w := newServedWorld(b)
	own := w.ownShare()
	versus(b, 0.85, w.reset, func() { own.of(func() { w.mage("deploy", "-yes") }) }, w.initAndApply)
	own.report(b)
}

// BenchmarkVersusDeployUnchanged compares a deploy that changes nothing with terraform's own init and apply.
func BenchmarkVersusDeployUnchanged(b *testing.B) {
	w := newServedWorld(b)
	w.mage("deploy", "-yes")
	own := w.ownShare()
	versus(b, 0.5, func() {}, func() { own.of(func() { w.mage("deploy", "-yes") }) }, w.initAndApply)
	own.report(b)
}

func (w *world) initAndApply() {
	w.terraform("init", "-input=false")
	w.terraform("apply", "-input=false", "-auto-approve")
}

// BenchmarkVersusPlan compares a plan without changes with terraform's own.
func BenchmarkVersusPlan(b *testing.B) {
	w := newServedWorld(b)
	w.mage("deploy", "-yes")
	w.terraform("init", "-input=false")
	versus(b, 0.65, func() {}, func() { w.mage("plan") }, func() { w.terraform("plan", "-input=false") })
}

// BenchmarkVersusShip compares a first ship of edited programs with the longer one of deploy and build:all, then
// push:all. Ship may take 0.3 s more than that.
func BenchmarkVersusShip(b *testing.B) {
	const platform = "-platform=linux/amd64"
	w := newServedWorld(b)
	fresh := func() { w.reset(); w.editPrograms() }
	inTurn(b, 1, func() float64 {
		fresh()
		return timed(func() { w.mage("ship", "-yes", platform) })
	}, func() float64 {
		fresh()
		deploy := timed(func() { w.mage("deploy", "-yes") })
		build := timed(func() { w.mage("build:all", platform) })
		return max(deploy, build) + timed(func() { w.mage("push:all", platform) }) + 300
	})
}

// reset deletes the repositories, the state, and the data folders of both sides. The state's bucket remains.
func (w *world) reset() {
	w.t.Helper()
	for _, name := range repositories {
		// there may be none
		_, _ = w.ecr.DeleteRepository(context.Background(), &awsecr.DeleteRepositoryInput{RepositoryName: &name, Force: true})
	}
	_, err := w.s3.DeleteObject(context.Background(),
		&s3.DeleteObjectInput{Bucket: aws.String(stateBucket), Key: aws.String(stateKey)})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, dir := range []string{w.env["TF_DATA_DIR"], w.theirData()} {
		if err := os.RemoveAll(dir); err != nil {
			w.t.Fatal(err)
		}
	}
}

// theirData is the data folder of the other side. In ours it would find our backend.
func (w *world) theirData() string { return filepath.Join(w.dir, "theirs") }

// terraform runs terraform as a user would, but without the hooks, which start the menu.
func (w *world) terraform(args ...string) {
	w.t.Helper()
	cmd := w.command("terraform", args...)
	cmd.Dir = filepath.Join(w.dir, "terraform", "04-ecr-repositories")
	cmd.Env = append(cmd.Env, "MAGE_TASK=1", "CHECKPOINT_DISABLE=1", "TF_DATA_DIR="+w.theirData())
	w.answer(cmd)
}

// ownShare is the time of a run without that of Terraform's processes.
type ownShare struct {
	w    *world
	log  string
	runs []float64
}

// ownShare puts a script in front of terraform that notes how long each of its processes takes.
func (w *world) ownShare() *ownShare {
	w.t.Helper()
	binary, err := exec.LookPath("terraform")
	if err != nil {
		w.t.Fatal(err)
	}
	dir := w.t.TempDir()
	own := &ownShare{w: w, log: filepath.Join(dir, "log")}
	script := fmt.Sprintf(`#!/bin/bash
began=$EPOCHREALTIME
%q "$@"
code=$?
echo $began $EPOCHREALTIME >>%q
exit $code
`, binary, own.log)
	if err := os.WriteFile(filepath.Join(dir, "terraform"), []byte(script), 0o700); err != nil {
		w.t.Fatal(err)
	}
	w.env["PATH"] = dir + string(os.PathListSeparator) + w.env["PATH"]
	return own
}

func (o *ownShare) of(run func()) {
	_ = os.Remove(o.log)
	all := timed(run)
	for line := range strings.Lines(read(o.w.t, o.log)) {
		began, ended, _ := strings.Cut(strings.TrimSpace(line), " ")
		from, _ := strconv.ParseFloat(began, 64)
		to, _ := strconv.ParseFloat(ended, 64)
		all -= (to - from) * 1000
	}
	o.runs = append(o.runs, all)
}

func (o *ownShare) report(b *testing.B) { b.ReportMetric(median(o.runs), "own-ms") }
