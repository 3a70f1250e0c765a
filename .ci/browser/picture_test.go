package browser_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "draw the README's picture of the report")

// The README's picture, and the sums of it and of the page that it shows. A test of tasks/registry compares them.
const (
	picture = "docs/report.webp"
	sums    = "docs/report.sha256"
)

// TestPicture draws the top of the report. With -update, it becomes the README's picture.
func TestPicture(t *testing.T) {
	p := open(t, fileAddress(t, golden), look{width: 1280})
	p.do(chromedp.EmulateViewport(1280, 1000))
	drawn, err := chromedp.Call(p.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(80)),
	})
	p.need(err)
	if !bytes.HasPrefix(drawn.Data, []byte("RIFF")) || len(drawn.Data) < 10_000 || len(drawn.Data) > 200_000 {
		t.Errorf("the picture has %d bytes", len(drawn.Data))
	}
	if !*update {
		return
	}
	drawnFrom, err := os.ReadFile(golden)
	p.need(err)
	p.need(os.WriteFile(root+"/"+picture, drawn.Data, 0o644))
	p.need(os.WriteFile(root+"/"+sums, fmt.Appendf(nil, "%x  tasks/registry/testdata/report.html\n%x  %s\n",
		sha256.Sum256(drawnFrom), sha256.Sum256(drawn.Data), picture), 0o644))
}
