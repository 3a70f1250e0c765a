package browser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// golden is the report of the fixture in tasks/registry, whose test keeps it the same as the template.
const golden = root + "/tasks/registry/testdata/report.html"

// TestReport looks at the report in every way.
func TestReport(t *testing.T) {
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			p := open(t, fileAddress(t, golden), l)
			p.fits()
			p.complete()
			p.want("the page is dark for those who want it so", darkness(l.dark))
			p.want("filters and sorting need the script", scripted(!l.noScript))
			p.openAll()
			p.fits()
			p.accessible()
			p.keep(strings.ReplaceAll(l.String(), " ", "-") + ".png")
			p.want("nothing is hidden when all is open",
				`[...document.querySelectorAll("details *")].every(e => e.checkVisibility() || !e.textContent)`)
		})
	}
}

// fits fails if the page is wider than the window.
func (p *tab) fits() {
	p.t.Helper()
	p.want("the page is not wider than the window",
		`document.documentElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth`)
	wide := ask[[]string](p, `[...document.querySelectorAll("body *")].filter(e => !e.closest(".wide, .skip, svg") &&
		e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 200))`)
	if len(wide) > 0 {
		p.t.Errorf("these go over the edge:\n%s", strings.Join(wide, "\n"))
	}
}

// complete fails if something outside of the closed details cannot be seen.
func (p *tab) complete() {
	p.t.Helper()
	hidden := ask[[]string](p, `[...document.querySelectorAll("main *, header *")].filter(e =>
		!e.closest("details > :not(summary), .head") && !e.checkVisibility() && e.textContent.trim()).map(e =>
		e.outerHTML.slice(0, 200))`)
	if len(hidden) > 0 {
		p.t.Errorf("these cannot be seen:\n%s", strings.Join(hidden, "\n"))
	}
	for _, text := range []string{"poc-app", "poc-gone", "CVE-2026-1", "ada@laptop", "v1.3.0", "a month"} {
		p.want("the page shows "+text, `document.body.innerText.includes("`+text+`")`)
	}
}

// keep writes a picture of the whole page into the folder of PICTURES, for somebody to look at.
func (p *tab) keep(name string) {
	p.t.Helper()
	folder := os.Getenv("PICTURES")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	p.need(err)
	p.need(os.WriteFile(filepath.Join(folder, name), picture, 0o600))
}

// openAll clicks on each image.
func (p *tab) openAll() {
	p.t.Helper()
	for n := range ask[int](p, `document.querySelectorAll("details").length`) {
		p.do(chromedp.Click(chromedp.JSPath(`document.querySelectorAll("summary")[` + string(rune('0'+n)) + `]`)))
	}
	p.want("all images are open", `[...document.querySelectorAll("details")].every(e => e.open)`)
}

func darkness(dark bool) string {
	bright := `getComputedStyle(document.body).backgroundColor.match(/\d+/g).reduce((sum, part) => sum + Number(part), 0)`
	if dark {
		return bright + " < 150"
	}
	return bright + " > 700"
}

func scripted(on bool) string {
	if on {
		return `document.querySelectorAll("input[type=search], th button").length > 20`
	}
	return `document.querySelectorAll("input, button").length === 0`
}

// TestLinks follows every link within the page, and the one that the keyboard reaches first.
func TestLinks(t *testing.T) {
	p := open(t, fileAddress(t, golden), look{width: 360})
	p.do(chromedp.KeyEvent(kb.Tab))
	p.want("Tab reaches the link over the menu first", `document.activeElement.className === "skip" &&
		document.activeElement.getBoundingClientRect().left >= 0`)
	p.do(chromedp.KeyEvent(kb.Enter))
	p.want("it leads to the overview", `location.hash === "#overview"`)
	count := ask[int](p, `document.querySelectorAll("a[href^='#']:not(.skip)").length`)
	if count < 8 {
		t.Fatalf("the page has %d links of its own", count)
	}
	for n := range count {
		at := `[...document.querySelectorAll("a[href^='#']:not(.skip)")].at(` + string(rune('0'+n)) + `)`
		p.do(chromedp.Click(chromedp.JSPath(at)))
		p.want("the link leads to its place", `location.hash === `+at+`.getAttribute("href") && (() => {
			const place = document.querySelector(location.hash).getBoundingClientRect();
			return place.top < innerHeight && place.bottom > 0;
		})()`)
	}
}

// TestSort sorts by a click, again by a click, and by the keyboard.
func TestSort(t *testing.T) {
	p := open(t, fileAddress(t, golden), look{width: 1280})
	button := func(table, column string) string {
		return `[...document.querySelectorAll("#` + table + ` thead button")].find(e => e.textContent === "` + column + `")`
	}
	first := func(table string) string {
		return ask[string](p, `document.querySelector("#`+table+` tbody tr").innerText`)
	}
	for _, step := range []struct{ table, column, up, down string }{
		{"timeline", "Day", "2026-02-01", "2026-03-03"},
		{"findings", "Severity", "CVE-2026-1", "CVE-2026-2"},
		{"overview", "Repository", "poc-app", "poc-gone"},
		{"overview", "Size", "poc-client", "poc-app"},
	} {
		at := button(step.table, step.column)
		p.do(chromedp.Click(chromedp.JSPath(at)))
		if got := first(step.table); !strings.Contains(got, step.up) {
			t.Errorf("%s by %s begins with %q, want %s", step.table, step.column, got, step.up)
		}
		p.want("the column says how it is sorted", at+`.closest("th").ariaSort === "ascending"`)
		p.do(chromedp.Focus(chromedp.JSPath(at)), chromedp.KeyEvent(kb.Enter))
		if got := first(step.table); !strings.Contains(got, step.down) {
			t.Errorf("%s by %s, the last first, begins with %q, want %s", step.table, step.column, got, step.down)
		}
		p.want("one column says how it is sorted", at+`.closest("th").ariaSort === "descending" &&
			document.querySelectorAll("#`+step.table+` [aria-sort]").length === 1`)
	}
	p.want("a size that is not known comes last, either way",
		`document.querySelector("#overview tbody tr:last-child").innerText.includes("not known")`)
}

// TestFilter types into a filter of a table, and into that of a repository's images.
func TestFilter(t *testing.T) {
	p := open(t, fileAddress(t, golden), look{width: 1280})
	for filter, want := range map[string]struct {
		items, text string
		left        int
	}{
		`#findings input`:   {"#findings tbody tr", "openSSL", 1},
		`#timeline input`:   {"#timeline tbody tr", "in use", 1},
		`#r0 input`:         {"#r0 details", "V1.", 1},
		`#overview input`:   {"#overview tbody tr", "poc-", 4},
		`#r1 .filter input`: {"#r1 details", "nothing has this", 0},
	} {
		shown := `[...document.querySelectorAll("` + want.items + `")].filter(e => e.checkVisibility()).length`
		all := ask[int](p, shown)
		p.do(chromedp.SendKeys(chromedp.CSS(filter), want.text))
		if got := ask[int](p, shown); got != want.left {
			t.Errorf("%s with %q shows %d, want %d", filter, want.text, got, want.left)
		}
		p.do(chromedp.SendKeys(chromedp.CSS(filter), strings.Repeat(kb.Backspace, len(want.text))))
		if got := ask[int](p, shown); got != all {
			t.Errorf("%s without a text shows %d of %d", filter, got, all)
		}
	}
}

// TestPrint prints the closed page: each image is open on paper, with the script and without.
func TestPrint(t *testing.T) {
	var sizes []int
	for _, noScript := range []bool{false, true} {
		p := open(t, fileAddress(t, golden), look{width: 1280, noScript: noScript})
		pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
		p.need(err)
		if !bytes.HasPrefix(pdf, []byte("%PDF-")) || bytes.Count(pdf, []byte("/Type /Page\n")) < 2 {
			t.Errorf("no script %t: the PDF has %d bytes and begins %q, want two pages at least", noScript, len(pdf), pdf[:5])
		}
		sizes = append(sizes, bytes.Count(pdf, []byte("/Type /Page\n")))
	}
	if sizes[0] != sizes[1] {
		t.Errorf("the script prints %d pages, and the page without it %d", sizes[0], sizes[1])
	}
}

// TestComplaints: what the other tests rely on. The browser says so when a page breaks its policy.
func TestComplaints(t *testing.T) {
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	for _, bad := range []string{"<script>1</script>", "<p style='color:red'>", "<img src=x.png>", "<p onclick=1>"} {
		if err := os.WriteFile(file, bytes.Replace(text, []byte("</main>"), []byte(bad+"</main>"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		p := openQuietly(t, fileAddress(t, file), look{width: 1280})
		if said := strings.Join(p.said(), "\n"); !strings.Contains(said, "Content Security Policy") {
			t.Errorf("of %s the browser says %q", bad, said)
		}
	}
}
