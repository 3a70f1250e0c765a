package contract_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	onAWS = flag.Bool("aws", false, "send the probes to AWS, with the credentials and the region of the environment")
	table = flag.String("table", "", "append what was answered differently to this file, as a table of Markdown")
)

// TestContract sends every probe of the table.
func TestContract(t *testing.T) {
	orders := theTable(t)
	prefix := randomPrefix()
	var c cloud
	if *onAWS {
		c = amazon(t, prefix)
	} else {
		c = local(t)
	}
	found := newRunner(t, c, prefix).play(orders)
	for _, is := range found {
		t.Errorf("probes.txt:%d: %s\nwant %s\ngot  %s\n(%s)", is.line, is.request, is.want, is.got, is.source)
	}
	if *table != "" {
		file, err := os.OpenFile(*table, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = file.WriteString(markdown(orders, found))
		}
		if err == nil {
			err = file.Close()
		}
		if err != nil {
			t.Error(err)
		}
	}
}

func theTable(t *testing.T) []order {
	t.Helper()
	orders, err := read(probes)
	if err != nil {
		t.Fatal(err)
	}
	return orders
}

// markdown is what was answered differently, for the summary of a workflow.
func markdown(orders []order, found []difference) string {
	sourced, ours := count(orders)
	var text strings.Builder
	fmt.Fprintf(&text, "%d of %d probes were answered differently.\n\n", len(found), sourced+ours)
	if found == nil {
		return text.String()
	}
	text.WriteString("| probes.txt | request | expected | answered | source |\n| --- | --- | --- | --- | --- |\n")
	for _, is := range found {
		fmt.Fprintf(&text, "| %d | %s | %s | %s | %s |\n", is.line, cell(is.request), cell(is.want), cell(is.got), is.source)
	}
	return text.String()
}

// cell is a text that came from outside, as code in a table.
func cell(text string) string {
	plain := strings.NewReplacer("|", "¦", "`", "'", "\n", " ", "\r", " ")
	return fmt.Sprintf("`%.300s`", plain.Replace(text))
}

// count tells the probes with a source from those that are ours alone.
func count(orders []order) (sourced, ours int) {
	for _, one := range orders {
		switch {
		case one.verb != "probe":
		case one.source == "ours":
			ours++
		default:
			sourced++
		}
	}
	return sourced, ours
}

// TestTheReadmeCounts keeps the README's sentence true. Whoever has run the table on AWS writes here when that was.
func TestTheReadmeCounts(t *testing.T) {
	const ran = "never run on AWS"
	sourced, ours := count(theTable(t))
	if sourced+ours < 200 {
		t.Errorf("there are %d probes, want 200 or more", sourced+ours)
	}
	want := fmt.Sprintf("%d sourced, %d ours, %s", sourced, ours, ran)
	text, err := os.ReadFile("../../../README.md")
	if err != nil || !strings.Contains(strings.Join(strings.Fields(string(text)), " "), want) {
		t.Errorf("README.md does not say %q: %v", want, err)
	}
}

// TestSourcesAreAddresses wants an address or "ours" for each probe, and an expected answer.
func TestSourcesAreAddresses(t *testing.T) {
	orders := theTable(t)
	known := values{}
	for _, one := range orders {
		if name, text, _ := strings.Cut(one.text, " ="); one.verb == "set" {
			known[name] = strings.TrimSpace(text)
		}
	}
	address := regexp.MustCompile(`^https://[\w.-]+/[\w./-]+$`)
	for _, one := range orders {
		if one.verb != "probe" && one.verb != "do" {
			continue
		}
		if source := known.fill(one.source); one.verb == "probe" && source != "ours" && !address.MatchString(source) {
			t.Errorf("line %d has the source %q", one.line, source)
		}
		if !strings.Contains(fmt.Sprint(one.more), "[=> ") {
			t.Errorf("line %d expects no answer", one.line)
		}
	}
}

// TestDifferencesAreFound plays the table to those who answer everything with the same, and wants them all told.
func TestDifferencesAreFound(t *testing.T) {
	orders := theTable(t)
	sourced, ours := count(orders)
	for status, least := range map[int]int{200: (sourced + ours) * 6 / 10, 400: sourced + ours, 500: sourced + ours} {
		c := at(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"authorizationData":[{"authorizationToken":"c2VjcmV0OnNlY3JldA=="}]}`))
		}))
		found := newRunner(t, c, randomPrefix()).play(orders)
		if len(found) < least {
			t.Errorf("who answers %d to all is told of %d differences, want at least %d", status, len(found), least)
		}
		if text := markdown(orders, found); strings.Contains(text, "c2VjcmV0OnNlY3JldA==") ||
			strings.Count(text, "\n| ") != len(found)+2 {
			t.Errorf("the table is\n%s", text)
		}
	}
}

// TestTheWorkflowRuns holds contract.yml to the flags that there are.
func TestTheWorkflowRuns(t *testing.T) {
	text, err := os.ReadFile("../../../.github/workflows/contract.yml")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`go test \./tasks/localaws/contract(.*)`).FindStringSubmatch(string(text))
	if line == nil {
		t.Fatal("contract.yml does not run this test")
	}
	given := regexp.MustCompile(` -(\w+)`).FindAllStringSubmatch(line[1], -1)
	for _, one := range given {
		if flag.Lookup(one[1]) == nil && flag.Lookup("test."+one[1]) == nil {
			t.Errorf("contract.yml gives -%s, which there is not", one[1])
		}
	}
	if !strings.Contains(line[1], " -aws ") || !strings.Contains(line[1], `-table="$GITHUB_STEP_SUMMARY"`) {
		t.Errorf("contract.yml runs the test with%s", line[1])
	}
}
