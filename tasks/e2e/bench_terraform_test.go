package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecr "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// BenchmarkVersusDeployFresh is deploy, from nothing, against terraform's own init, plan and apply of that plan. Login
// and status are ours alone.
func BenchmarkVersusDeployFresh(b *testing.B) {
	w := newEmptyWorld(b)
	own := w.ownShare()
	versus(b, 1.05, w.reset, func() { own.of(func() { w.mage("deploy", "-yes") }) }, func() {
		w.terraform("init", "-input=false")
		w.terraform("plan", "-input=false", "-out=fresh.tfplan")
		w.terraform("apply", "-input=false", "fresh.tfplan")
	})
	own.report(b)
}

// BenchmarkVersusDeployUnchanged is deploy, with nothing to do, against terraform's own init and apply.
func BenchmarkVersusDeployUnchanged(b *testing.B) {
	w := newEmptyWorld(b)
	w.mage("deploy", "-yes")
	own := w.ownShare()
	versus(b, 0.75, func() {}, func() { own.of(func() { w.mage("deploy", "-yes") }) }, func() {
		w.terraform("init", "-input=false")
		w.terraform("apply", "-input=false", "-auto-approve")
	})
	own.report(b)
}

// BenchmarkVersusShip is ship, from nothing and with both programs edited, against the longer one of deploy and
// build:all, and push:all after it. What is allowed on top of that are 0.3 s.
func BenchmarkVersusShip(b *testing.B) {
	const platform = "-platform=linux/amd64"
	w := newEmptyWorld(b)
	fresh := func() { w.reset(); w.edit() }
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

// reset forgets everything but the state's bucket: the repositories, the state, and both sides' data folders.
func (w *benchWorld) reset() {
	w.b.Helper()
	for _, name := range repositories {
		// it may be none
		_, _ = w.ecr.DeleteRepository(context.Background(), &awsecr.DeleteRepositoryInput{RepositoryName: &name, Force: true})
	}
	_, err := w.s3().DeleteObject(context.Background(),
		&s3.DeleteObjectInput{Bucket: aws.String(stateBucket), Key: aws.String(stateKey)})
	if err != nil {
		w.b.Fatal(err)
	}
	for _, dir := range []string{w.value("TF_DATA_DIR"), w.theirData()} {
		if err := os.RemoveAll(dir); err != nil {
			w.b.Fatal(err)
		}
	}
}

// theirData is the other side's data folder: in ours it would keep finding our backend.
func (w *benchWorld) theirData() string { return filepath.Join(w.dir, "theirs") }

// terraform runs it as one who types it would, but for the hooks: they start the menu.
func (w *benchWorld) terraform(args ...string) {
	w.b.Helper()
	cmd := exec.Command("terraform", args...)
	cmd.Dir = filepath.Join(w.dir, "terraform", "04-ecr-repositories")
	cmd.Env = append(slices.Clone(w.env), "MAGE_TASK=1", "CHECKPOINT_DISABLE=1", "TF_DATA_DIR="+w.theirData())
	if out, err := cmd.CombinedOutput(); err != nil {
		w.b.Fatalf("terraform %s: %v\n%s", args[0], err, out)
	}
}

// ownShare is what a run takes besides Terraform's processes.
type ownShare struct {
	w    *benchWorld
	log  string
	runs []float64
}

// ownShare puts a program in front of terraform that notes how long each of its processes takes.
func (w *benchWorld) ownShare() *ownShare {
	w.b.Helper()
	binary, err := exec.LookPath("terraform")
	if err != nil {
		w.b.Fatal(err)
	}
	dir := w.b.TempDir()
	own := &ownShare{w: w, log: filepath.Join(dir, "log")}
	script := fmt.Sprintf(
		"#!/bin/bash\nbegan=$EPOCHREALTIME\n%q \"$@\"\ncode=$?\necho $began $EPOCHREALTIME >>%q\nexit $code\n", binary, own.log)
	if err := os.WriteFile(filepath.Join(dir, "terraform"), []byte(script), 0o700); err != nil {
		w.b.Fatal(err)
	}
	w.env = append(w.env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return own
}

func (o *ownShare) of(run func()) {
	_ = os.Remove(o.log)
	all := timed(run)
	text, err := os.ReadFile(o.log)
	if err != nil {
		o.w.b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		began, ended, _ := strings.Cut(strings.TrimSpace(line), " ")
		from, _ := strconv.ParseFloat(began, 64)
		to, _ := strconv.ParseFloat(ended, 64)
		all -= (to - from) * 1000
	}
	o.runs = append(o.runs, all)
}

func (o *ownShare) report(b *testing.B) { b.ReportMetric(median(o.runs), "own-ms") }
