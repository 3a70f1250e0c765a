package localaws_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"envoy-proxy-poc/tasks/localaws"
)

// TestDamagedDatabase: a database of which a page was overwritten, or the end cut off, is found when it is opened.
// Where it is not found, the page was one that nothing uses, and everything is there.
func TestDamagedDatabase(t *testing.T) {
	takesLong(t)
	l := start(t, localaws.Options{})
	for i := range 40 {
		l.repository(fmt.Sprintf("team/app-%d", i))
	}
	l.restart() // which leaves free pages
	l.close()
	t.Cleanup(func() { l.open(localaws.Options{}) })
	whole, err := os.ReadFile(filepath.Join(l.dir, "aws.db"))
	wantOK(t, err)
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, os.Getpagesize())
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	found, pages := map[string]int{}, len(whole)/len(noise)
	for page := range pages {
		at := page * len(noise)
		for kind, text := range map[string][]byte{
			"zeroed":          bytes.Join([][]byte{whole[:at], make([]byte, len(noise)), whole[at+len(noise):]}, nil),
			"overwritten":     bytes.Join([][]byte{whole[:at], noise, whole[at+len(noise):]}, nil),
			"half":            bytes.Join([][]byte{whole[:at+16], noise[16:], whole[at+len(noise):]}, nil),
			"the page before": bytes.Join([][]byte{whole[:at], whole[max(at-len(noise), 0):][:len(noise)], whole[at+len(noise):]}, nil),
			"cut":             whole[:at],
		} {
			if damaged(t, text) {
				found[kind]++
			}
		}
	}
	t.Logf("of %d pages: %v", pages, found)
	for kind, n := range found {
		if n < 5 {
			t.Errorf("%s: the damage of %d pages was found", kind, n)
		}
	}
}

// damaged opens a database, and reports whether that is refused. If not, it must serve what it held.
func damaged(t *testing.T, database []byte) bool {
	t.Helper()
	l := &local{t: t, dir: t.TempDir()}
	wantOK(t, os.WriteFile(filepath.Join(l.dir, "aws.db"), database, 0o600))
	aws, err := localaws.Open(localaws.Options{Dir: l.dir})
	if err != nil {
		if !errors.Is(err, localaws.ErrDamaged) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got error %v, want one line that says ErrDamaged", err)
		}
		return true
	}
	wantOK(t, aws.Close())
	l.open(localaws.Options{})
	defer l.close()
	out, err := l.ecr().DescribeRepositories(t.Context(), &ecr.DescribeRepositoriesInput{})
	wantOK(t, err)
	if n := len(out.Repositories); n != 40 && n != 0 && n != 39 {
		t.Errorf("it opens, and has %d repositories", n)
	}
	return false
}
