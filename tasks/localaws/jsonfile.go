package localaws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// node is a value of a JSON file, with the line it begins on: what is wrong in a file that a person wrote is told with
// its place.
type node struct {
	line  int
	value any // a string, json.Number, bool or nil; []node; []member
}

type member struct {
	name string
	node
}

// member is a member of an object; the object itself where it has none of this name.
func (n node) member(name string) node {
	list, _ := n.value.([]member)
	for _, one := range list {
		if one.name == name {
			return one.node
		}
	}
	return n
}

// jsonFile reads a JSON file and gathers what is wrong in it.
type jsonFile struct {
	path string
	errs []error
}

// readJSON returns the file's value. A file that is no JSON is the one error there is.
func readJSON(path string) (*jsonFile, node, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, node{}, err
	}
	if err := json.Unmarshal(text, new(any)); err != nil {
		at := len(text)
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = int(syntax.Offset)
		}
		return nil, node{}, fmt.Errorf("%s:%d: %w", path, 1+bytes.Count(text[:at], []byte("\n")), err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return &jsonFile{path: path}, parse(decoder, text), nil
}

// parse reads one value of a text that is known to be JSON.
func parse(decoder *json.Decoder, text []byte) node {
	token, err := decoder.Token()
	if err != nil && !errors.Is(err, io.EOF) {
		panic(err) // the text was read before
	}
	n := node{line: 1 + bytes.Count(text[:decoder.InputOffset()], []byte("\n")), value: token}
	switch token {
	case json.Delim('['):
		list := []node{}
		for decoder.More() {
			list = append(list, parse(decoder, text))
		}
		n.value = list
	case json.Delim('{'):
		members := []member{}
		for decoder.More() {
			name := parse(decoder, text)
			members = append(members, member{name.value.(string), node{}})
			last := &members[len(members)-1]
			last.node = parse(decoder, text)
		}
		n.value = members
	default:
		return n
	}
	_, _ = decoder.Token() // the closing bracket
	return n
}

func (f *jsonFile) wrong(n node, where, format string, args ...any) {
	f.errs = append(f.errs, fmt.Errorf("%s:%d: %s: %s", f.path, n.line, where, fmt.Sprintf(format, args...)))
}

// err is all that is wrong, nil when nothing is.
func (f *jsonFile) err() error { return errors.Join(f.errs...) }

// members are those of an object, each name once.
func (f *jsonFile) members(n node, where string) []member {
	list, is := n.value.([]member)
	if !is {
		f.wrong(n, where, "want an object in braces")
		return nil
	}
	seen := map[string]bool{}
	for _, one := range list {
		if seen[one.name] {
			f.wrong(one.node, where, "%q is there twice", one.name)
		}
		seen[one.name] = true
	}
	return list
}

// fields gives each member of an object to the reader of its name.
func (f *jsonFile) fields(n node, where string, readers map[string]func(n node, where string)) {
	for _, one := range f.members(n, where) {
		read, known := readers[one.name]
		if !known {
			f.wrong(one.node, where, "unknown field %q, want one of %s", one.name,
				strings.Join(slices.Sorted(maps.Keys(readers)), ", "))
			continue
		}
		read(one.node, where+"."+one.name)
	}
}

func (f *jsonFile) list(n node, where string, read func(n node, where string)) {
	list, is := n.value.([]node)
	if !is {
		f.wrong(n, where, "want a list in brackets")
		return
	}
	for i, one := range list {
		read(one, fmt.Sprintf("%s[%d]", where, i))
	}
}

func textField[S ~string](f *jsonFile, to *S) func(node, string) {
	return func(n node, where string) {
		is, ok := n.value.(string)
		if !ok {
			f.wrong(n, where, "want a text in quotes")
		}
		*to = S(is)
	}
}

func numberField[N int | int64 | uint64 | float64](f *jsonFile, to *N) func(node, string) {
	return func(n node, where string) {
		is, ok := n.value.(json.Number)
		if !ok || json.Unmarshal([]byte(is), to) != nil {
			f.wrong(n, where, "want a number (%T)", *to)
		}
	}
}

func durationField(f *jsonFile, to *time.Duration) func(node, string) {
	return func(n node, where string) {
		is, _ := n.value.(string)
		var err error
		if *to, err = time.ParseDuration(is); err != nil {
			f.wrong(n, where, `want a duration such as "500ms" or "3s"`)
		}
	}
}
