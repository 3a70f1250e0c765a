package localaws_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"go.etcd.io/bbolt"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// BenchmarkList opens a repository of 1,000, 10,000 and 100,000 images in a process of its own and reads all of it, page by
// page of 1000: ListImages, DescribeImages and tags/list. It prints the time from the process's start until it serves, that
// of a page (the median), and resident memory: the most that was the process's own (anon) and all of it afterwards (rss).
// Between the two, while a page is read, are the parts of the database that the kernel lends it. Memory is known on Linux only.
//
//	go test ./tasks/localaws -run '^$' -bench List -benchtime 1x
func BenchmarkList(b *testing.B) {
	for _, images := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(images), func(b *testing.B) {
			home := b.TempDir()
			seed(b, filepath.Join(home, "data"), images)
			var opening, pages []time.Duration
			var peak, after memory
			for b.Loop() {
				begin := time.Now()
				p := spawn(b, home).ready()
				opening = append(opening, time.Since(begin))
				pages = append(pages, readAll(b, p, images, &peak)...)
				time.Sleep(100 * time.Millisecond) // the answer is there before the request is over
				after.measure(p.cmd.Process.Pid)
				p.stop()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(median(opening).Microseconds())/1000, "open-ms")
			b.ReportMetric(float64(median(pages).Microseconds())/1000, "page-ms")
			b.ReportMetric(peak.anon, "anon-MiB")
			b.ReportMetric(after.rss, "rss-MiB")
		})
	}
}

// seed fills a store through the catalog. Nothing is synced: who needs a hundred thousand images in a hurry can wait for none.
func seed(tb testing.TB, data string, images int) {
	tb.Helper()
	wantOK(tb, os.MkdirAll(data, 0o700))
	db, err := bbolt.Open(filepath.Join(data, "aws.db"), 0o600, &bbolt.Options{NoSync: true, FreelistType: bbolt.FreelistMapType})
	wantOK(tb, err)
	c, err := catalog.Open(catalog.Options{DB: db, Dir: filepath.Join(data, "ecr"), Account: "000000000000"})
	wantOK(tb, err)
	r, err := c.Registry(region)
	wantOK(tb, err)
	_, err = r.CreateRepository(catalog.Repository{Name: "many"})
	wantOK(tb, err)
	up, err := r.StartUpload("many")
	wantOK(tb, err)
	_, err = r.Append("many", up.ID, 0, strings.NewReader("{}"))
	wantOK(tb, err)
	_, err = r.FinishUpload("many", up.ID, catalog.Digest([]byte("{}")))
	wantOK(tb, err)
	var all sync.WaitGroup
	const clients = 200
	for i := range clients {
		all.Go(func() {
			for n := i; n < images; n += clients {
				manifest := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":%q,"size":2},`+
					`"layers":[],"annotations":{"number":"%d"}}`, catalog.OCIManifest, catalog.Digest([]byte("{}")), n)
				if _, err := r.PutImage("many", catalog.Push{Manifest: []byte(manifest), Tag: fmt.Sprintf("v%06d", n)}); err != nil {
					tb.Error(err)
				}
			}
		})
	}
	all.Wait()
	c.Close()
	wantOK(tb, db.Sync())
	wantOK(tb, db.Close())
}

// readAll reads three lists to their ends, and returns how long each page took.
func readAll(tb testing.TB, p *process, images int, peak *memory) (pages []time.Duration) {
	tb.Helper()
	client, many, most := p.ecr(), aws.String("many"), aws.Int32(1000)
	timed := func(page func() int) int {
		begin := time.Now()
		n := page()
		pages = append(pages, time.Since(begin))
		peak.measure(p.cmd.Process.Pid)
		return n
	}
	got := map[string]int{}
	for list := ecr.NewListImagesPaginator(client, &ecr.ListImagesInput{RepositoryName: many, MaxResults: most}); list.HasMorePages(); {
		got["ListImages"] += timed(func() int {
			out, err := list.NextPage(tb.Context())
			wantOK(tb, err)
			return len(out.ImageIds)
		})
	}
	for list := ecr.NewDescribeImagesPaginator(client, &ecr.DescribeImagesInput{RepositoryName: many, MaxResults: most}); list.HasMorePages(); {
		got["DescribeImages"] += timed(func() int {
			out, err := list.NextPage(tb.Context())
			wantOK(tb, err)
			return len(out.ImageDetails)
		})
	}
	token, err := client.GetAuthorizationToken(tb.Context(), &ecr.GetAuthorizationTokenInput{})
	wantOK(tb, err)
	for next := "/v2/many/tags/list?n=1000"; next != ""; {
		got["tags/list"] += timed(func() int {
			reply, text, err := call(tb.Context(), "GET", p.url+next, nil, "Authorization", "Basic "+*token.AuthorizationData[0].AuthorizationToken)
			wantOK(tb, err)
			var page struct{ Tags []string }
			wantOK(tb, json.Unmarshal(text, &page))
			next, _, _ = strings.Cut(strings.TrimPrefix(reply.Header.Get("Link"), "<"), ">")
			return len(page.Tags)
		})
	}
	for list, n := range got {
		if n != images {
			tb.Errorf("%s has %d images, want %d", list, n, images)
		}
	}
	return pages
}

// memory is the most that was measured, in MiB.
type memory struct{ anon, rss float64 }

func (m *memory) measure(pid int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return // not Linux
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		kilobytes, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "RssAnon":
			m.anon = max(m.anon, kilobytes/1024)
		case "VmRSS":
			m.rss = max(m.rss, kilobytes/1024)
		}
	}
}
