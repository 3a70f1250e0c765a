package contract_test

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

//go:embed probes.txt
var probes string

// order is one line of the table with the lines that belong to it, as doc.go describes them.
type order struct {
	line   int
	verb   string // source, group, bucket, set, do, probe
	text   string // the request of a probe: "ecr ListImages {}"
	with   string // what "$" stands for in it; "" for none
	more   [][2]string
	source string // of a probe, not filled in
}

// read splits the table.
func read(table string) (orders []order, err error) {
	template, source := "", ""
	for i, line := range strings.Split(table, "\n") {
		verb, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		is := order{line: i + 1, verb: verb, text: text, source: source}
		switch {
		case verb == "" || strings.HasPrefix(verb, "#"):
			continue
		case line[0] == ' ':
			if len(orders) == 0 {
				return nil, fmt.Errorf("line %d belongs to none", i+1)
			}
			last := &orders[len(orders)-1]
			last.more = append(last.more, [2]string{verb, text})
			continue
		case verb == "with":
			template = text
			continue
		case verb == "source":
			source = text
			continue
		case verb == "-":
			is.verb, is.with = "probe", text
		case verb == "ecr" || verb == "v2" || verb == "s3" || verb == "sts":
			is.verb, is.text = "probe", verb+" "+text
		case verb != "group" && verb != "bucket" && verb != "set" && verb != "do":
			return nil, fmt.Errorf("line %d is %q, which is no order", i+1, verb)
		}
		is.answer(template)
		orders = append(orders, is)
	}
	return orders, nil
}

// answer takes the expected answer off the request's line, and puts the template there.
func (o *order) answer(template string) {
	if o.verb != "probe" && o.verb != "do" {
		return
	}
	if o.with != "" {
		o.text = template
		o.with, o.more = cutAnswer(o.with)
		return
	}
	o.text, o.more = cutAnswer(o.text)
}

func cutAnswer(text string) (string, [][2]string) {
	request, want, found := strings.Cut(text, " => ")
	if !found {
		return request, nil
	}
	return request, [][2]string{{"=>", want}}
}

// values are what the names in braces stand for.
type values map[string]string

var inBraces = regexp.MustCompile(`\{(?:(?:(json|b64|digest|size):)?([a-z$][a-z0-9.]*)|([^{}]+)\*(\d+))\}`)

// fill puts the values in. A value is filled in again when it is used, so that one may be made of another.
func (v values) fill(text string) string {
	return inBraces.ReplaceAllStringFunc(text, func(found string) string {
		is := inBraces.FindStringSubmatch(found)
		if is[3] != "" {
			times, _ := strconv.Atoi(is[4]) // two digits fit
			return strings.Repeat(is[3], times)
		}
		value, known := v[is[2]]
		if !known {
			return found
		}
		value = v.fill(value)
		switch is[1] {
		case "json":
			quoted, _ := json.Marshal(value) // a string
			return string(quoted)
		case "b64":
			return base64.StdEncoding.EncodeToString([]byte(value))
		case "digest":
			return catalog.Digest([]byte(value))
		case "size":
			return strconv.Itoa(len(value))
		}
		return value
	})
}
