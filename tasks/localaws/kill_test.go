package localaws_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"envoy-proxy-poc/tasks/localaws"
)

var (
	kills    = flag.Int("kills", 20, "how often TestKill kills the local AWS")
	killSeed = flag.Uint64("killseed", 0, "the seed of TestKill's choices, 0 for a new one")
)

// writer makes changes that only it makes, one after the other, and knows what must have become of them.
type writer interface {
	// write makes one change. Its error says that the change was not acknowledged: it may be there or not, but whole.
	write(context.Context, *process, *rand.Rand) error

	// verify compares what is served with what was acknowledged, and goes on from there.
	verify(testing.TB, *process)
}

// TestKill kills the process with SIGKILL while twelve clients write, at any moment, its start among them, and looks, each
// time, whether the next process serves every acknowledged change and nothing by halves. In the end it looks, a day later,
// for what the killed ones left behind.
//
// It covers the death of the process: what the kernel was given is not lost. That fsync comes before the answer, for the
// death of the machine, no test can show.
func TestKill(t *testing.T) {
	takesLong(t)
	t.Parallel()
	if *killSeed == 0 {
		*killSeed = rand.Uint64()
	}
	t.Logf("-killseed=%d", *killSeed)
	dir, random := t.TempDir(), rand.New(rand.NewPCG(*killSeed, 0))
	port := fmt.Sprint(homePort, "=", freePort(t))
	p := spawn(t, dir, port).ready()
	writers, changes := newWriters(t, p, random), 0
	for round := range *kills {
		if round%5 == 4 { // at its start
			p.kill()
			p = spawn(t, dir, port)
			time.Sleep(time.Duration(random.IntN(15_000)) * time.Microsecond)
		} else {
			changes += writeUntilKilled(t, p, writers, random)
		}
		p.kill()
		p = spawn(t, dir, port).ready()
		for _, w := range writers {
			w.verify(t, p)
		}
		wholeFiles(t, filepath.Join(dir, "data"))
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	t.Logf("%d acknowledged changes, %d kills", changes, *kills)
	p.stop()
	wantPrivate(t, filepath.Join(dir, "data"))
	nothingLeft(t, filepath.Join(dir, "data"), writers)
}

// writeUntilKilled has all writers write until the process is killed, and returns when they have noticed.
func writeUntilKilled(t *testing.T, p *process, writers []writer, random *rand.Rand) int {
	t.Helper()
	var all sync.WaitGroup
	var killed atomic.Bool
	var changes atomic.Int64
	for _, w := range writers {
		own := rand.New(rand.NewPCG(random.Uint64(), 0))
		all.Go(func() {
			for !killed.Load() {
				if err := w.write(t.Context(), p, own); err == nil {
					changes.Add(1)
				} else if !killed.Load() {
					t.Error(err)
				}
			}
		})
	}
	time.Sleep(time.Duration(random.IntN(800_000)) * time.Microsecond)
	killed.Store(true)
	p.kill()
	all.Wait()
	return int(changes.Load())
}

// wholeFiles looks whether each layer's file holds what its name says, and private.
func wholeFiles(t *testing.T, data string) {
	t.Helper()
	for _, file := range filesBelow(t, filepath.Join(data, "ecr", "blobs", "sha256")) {
		text, err := os.ReadFile(file)
		wantOK(t, err)
		if got := sum(text); got != "sha256:"+filepath.Base(file) {
			t.Errorf("%s holds %s", file, got)
		}
	}
}

// nothingLeft opens the folder a day later, and looks whether all that nobody refers to is gone.
func nothingLeft(t *testing.T, data string, writers []writer) {
	t.Helper()
	aws, err := localaws.Open(localaws.Options{Dir: data, Log: t.Logf, Now: func() time.Time { return time.Now().Add(25 * time.Hour) }})
	wantOK(t, err)
	defer func() { wantOK(t, aws.Close()) }()
	layers, bodies := map[string]bool{}, 0
	for _, w := range writers {
		switch w := w.(type) {
		case *imageWriter:
			for digest := range w.now {
				for _, blob := range w.blobs[digest] {
					layers[blob] = true
				}
			}
		case *objectWriter:
			bodies += w.large()
		}
	}
	count := func() string {
		return fmt.Sprint(len(filesBelow(t, data+"/ecr/uploads")), " uploads, ", len(filesBelow(t, data+"/ecr/blobs")), " layers, ",
			len(filesBelow(t, data+"/s3/tmp")), " unfinished bodies, ", len(filesBelow(t, data+"/s3/bodies")), " bodies")
	}
	want := fmt.Sprint(0, " uploads, ", len(layers), " layers, ", 0, " unfinished bodies, ", bodies, " bodies")
	for range 600 { // layers are swept in the background
		if count() == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("a day later there are %s, want %s", count(), want)
}

func filesBelow(t testing.TB, dir string) (files []string) {
	t.Helper()
	wantOK(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	return files
}
