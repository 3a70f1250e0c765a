package console

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSummaryIsCutOnALine(t *testing.T) {
	long := strings.Repeat("| ü | a row |\n", 10000)
	tests := []struct {
		name, markdown string
		whole, fences  bool
	}{
		{"short", "# a\n", true, false},
		{"as long as it may be", strings.Repeat("x", summaryLimit-1) + "\n", true, false},
		{"a byte too long", strings.Repeat("x", 65000) + "\n" + strings.Repeat("y", 536) + "\n", false, false},
		{"much too long", long, false, false},
		{"within code", "```diff\n" + long + "```\n", false, true},
		{"one line", strings.Repeat("x", 2*summaryLimit), false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "summary")
			if err := (GitHub{Summary: file}).Summarise(test.markdown); err != nil {
				t.Fatal(err)
			}
			got := read(t, file)
			if test.whole {
				if got != test.markdown {
					t.Errorf("summary has %d bytes, want all %d", len(got), len(test.markdown))
				}
				return
			}
			body, _, cut := strings.Cut(got, "\n*The rest is cut")
			body = strings.TrimSuffix(body, "```\n")
			if !cut || len(got) > summaryLimit || !strings.HasPrefix(test.markdown,
				body) || body != "" && !strings.HasSuffix(body, "\n") {
				t.Errorf("summary of %d bytes ends with %q", len(got), got[max(0, len(got)-200):])
			}
			if strings.Count("\n"+got, "\n```")%2 != 0 {
				t.Errorf("a block of code is left open: %q", got[len(got)-200:])
			}
		})
	}
}

// Several targets of one step share a summary, and its limit.
func TestSummariesShareTheLimit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary")
	for range 4 {
		if err := (GitHub{Summary: file}).Summarise(strings.Repeat("a row\n", 5000)); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, file)
	if len(got) > summaryLimit || len(got) < summaryLimit-200 || strings.Count(got, "*The rest is cut") != 1 {
		t.Errorf("summary has %d bytes and ends with %q", len(got), got[len(got)-200:])
	}
}

func TestOutputsOfAnyLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "output")
	g := GitHub{Output: file}
	want := map[string]string{"changes": "true", "urls": "a\nend\nEOF\nb", "empty": ""}
	for _, name := range []string{"changes", "urls", "empty"} {
		if err := g.Set(name, want[name]); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(read(t, file), "\n"), "\n")
	for i := 0; i < len(lines); i++ { // as GitHub reads it
		name, end, ok := strings.Cut(lines[i], "<<")
		if !ok {
			t.Fatalf("line %q names no value", lines[i])
		}
		var value []string
		for i++; lines[i] != end; i++ {
			value = append(value, lines[i])
		}
		got[name] = strings.Join(value, "\n")
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s = %q, want %q", name, got[name], want[name])
		}
	}
}

func TestMarkdown(t *testing.T) {
	const want = "### T\n\n| A | B |\n|---|---|\n| `a` | b\\|c d |\n\n"
	if got := Markdown("T", []string{"A", "B"}, [][]string{{"`a`", "b|c\nd"}}); got != want {
		t.Errorf("Markdown = %q, want %q", got, want)
	}
}

func TestMask(t *testing.T) {
	var log bytes.Buffer
	GitHub{Log: &log}.Mask("pass%word\n\n  second \n")
	if want := "::add-mask::pass%25word\n::add-mask::second\n"; log.String() != want {
		t.Errorf("log = %q, want %q", &log, want)
	}
	GitHub{}.Mask("nothing happens")
}

func TestOutsideOfGitHubNothingIsWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := (GitHub{}).Summarise("x"); err != nil {
		t.Error(err)
	}
	if err := (GitHub{}).Set("a", "b"); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("files: %v, %v", left, err)
	}
}

func TestGitHubFileThatCannotBeWritten(t *testing.T) {
	err := GitHub{Summary: t.TempDir()}.Summarise("x")
	if err == nil || !regexp.MustCompile(`^writing for GitHub: open `).MatchString(err.Error()) {
		t.Errorf("Summarise = %v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
