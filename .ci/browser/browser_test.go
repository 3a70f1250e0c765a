// Package browser_test opens the page of ecr:report, and that of mage serve, in a real browser. It is a module of its
// own: nobody who only wants to push an image has to download what drives a browser.
package browser_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// root is the project's folder, seen from this one.
const root = "../.."

// browser is what each tab is opened in.
var browser context.Context

// TestMain starts one browser for all tests.
func TestMain(m *testing.M) {
	program, found := findBrowser()
	if !found {
		const lacks = "no browser: apt-get install chromium"
		if os.Getenv("CI") == "true" {
			fmt.Fprintln(os.Stderr, lacks)
			os.Exit(1)
		}
		fmt.Println("skipped: " + lacks)
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stopped := chromedp.NewExecAllocator(context.Background(), options...)
	started, stop := chromedp.NewContext(allocator)
	browser = started
	code := 1
	if err := chromedp.Do(browser); err != nil {
		fmt.Fprintln(os.Stderr, "starting "+program+":", err)
	} else {
		code = m.Run()
	}
	stop()
	stopped()
	os.Exit(code)
}

func findBrowser() (program string, found bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// look is how somebody looks at a page.
type look struct {
	width    int64
	dark     bool
	noScript bool
}

func (l look) String() string {
	words := []string{fmt.Sprint(l.width), "light"}
	if l.dark {
		words[1] = "dark"
	}
	if l.noScript {
		words = append(words, "no script")
	}
	return strings.Join(words, " ")
}

// looks are all there are.
func looks() (all []look) {
	for _, width := range []int64{360, 1280} {
		for _, dark := range []bool{false, true} {
			for _, noScript := range []bool{false, true} {
				all = append(all, look{width, dark, noScript})
			}
		}
	}
	return all
}

// tab is an open page.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string // of the browser: violations of the policy, errors, whatever came to the console
}

// open opens a page. The test fails if the browser complains about it before the test ends.
func open(t *testing.T, address string, l look) *tab {
	t.Helper()
	p := openQuietly(t, address, l)
	t.Cleanup(func() {
		if said := p.said(); said != nil {
			t.Errorf("the browser complains:\n%s", strings.Join(said, "\n"))
		}
	})
	return p
}

func openQuietly(t *testing.T, address string, l look) *tab {
	t.Helper()
	limited, cancel := context.WithTimeout(browser, 2*time.Minute)
	ctx, closeTab := chromedp.NewContext(limited)
	t.Cleanup(func() { closeTab(); cancel() })
	p := &tab{t: t, ctx: ctx}
	p.need(chromedp.Listen(ctx, p.listen))
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	p.need(err)
	_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	p.need(err)
	response, err := chromedp.Run(ctx, func(ctx context.Context, at *chromedp.Target) (int64, error) {
		if _, err := chromedp.EmulateViewport(l.width, 800)(ctx, at); err != nil {
			return 0, err
		}
		response, err := chromedp.NavigateResponse(address)(ctx, at)
		if err != nil || response == nil {
			return 0, err
		}
		return response.Status, nil
	})
	p.need(err)
	if response != 200 && !strings.HasPrefix(address, "file:") {
		t.Fatalf("%s answers with status %d", address, response)
	}
	return p
}

func (p *tab) listen(event any) {
	said := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		said = string(e.Entry.Level) + ": " + e.Entry.Text
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		said = "console." + string(e.Type)
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complaints = append(p.complaints, said)
}

func (p *tab) said() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.complaints
}

func (p *tab) need(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.need(chromedp.Do(p.ctx, steps...))
}

// ask is the value of an expression in the page.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression[:min(len(expression), 200)], err)
	}
	return value
}

// want fails unless an expression in the page is true.
func (p *tab) want(what, expression string) {
	p.t.Helper()
	if !ask[bool](p, expression) {
		p.t.Errorf("not so: %s (%s)", what, expression)
	}
}

// fileAddress is the address of a file.
func fileAddress(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + path
}
