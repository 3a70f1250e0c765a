package ecr

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// inventoryOf makes an inventory, newest first, of lines such as "v1 multi [a b] ->subject": a digest, its tags, what
// it lists, what it refers to. A word with a / is the type of an artifact. The first was pushed on day 100, each other one a day before the one in front of it.
func inventoryOf(lines ...string) *Inventory {
	inventory, byDigest, lists := &Inventory{}, map[string]*Member{}, map[string][]Child{}
	for i, line := range lines {
		pushed := day(100 - i)
		m := &Member{}
		m.PushedAt = &pushed
		line, list, _ := strings.Cut(strings.TrimSuffix(line, "]"), "[")
		for n, word := range strings.Fields(line) {
			switch {
			case n == 0:
				m.Digest = word
			case strings.HasPrefix(word, "->"):
				m.Subject = word[2:]
			case strings.Contains(word, "/"):
				m.ArtifactType = word
			default:
				m.Tags = append(m.Tags, word)
			}
		}
		for child := range strings.FieldsSeq(list) {
			lists[m.Digest] = append(lists[m.Digest], Child{Digest: child})
		}
		byDigest[m.Digest] = m
		inventory.Members = append(inventory.Members, m)
	}
	for _, m := range inventory.Members {
		m.join(byDigest, lists[m.Digest])
	}
	return inventory
}

// hex is a digest made of a letter, sig the tag by which cosign refers to it.
func hex(letter string) string { return fmt.Sprintf("sha256:%064x", letter) }
func sig(letter string) string { return fmt.Sprintf("sha256-%064x.sig", letter) }

func TestFilterDecides(t *testing.T) {
	tests := map[string]struct {
		filter Filter
		holds  []string
		goes   string
	}{
		"untagged":                        {Filter{Untagged: true}, []string{"a v1", "b", "c v2", "d"}, "b d"},
		"an index that stays keeps all":   {Filter{Untagged: true}, []string{"i v1 [a b]", "a", "b", "c"}, "c"},
		"an index goes with its children": {Filter{Untagged: true}, []string{"i [a b]", "a", "b", "c v1"}, "i a b"},
		"a child of two indexes": {
			Filter{Untagged: true},
			[]string{"i [a b]", "j v1 [b c]", "a", "b", "c"},
			"i a",
		},
		"a child with a tag of its own": {Filter{Untagged: true}, []string{"i [a b]", "a arm", "b"}, "i b"},
		"a child that is not there":     {Filter{Untagged: true}, []string{"i [a gone]", "a"}, "i a"},
		"nested indexes go":             {Filter{Untagged: true}, []string{"o [i x]", "i [a]", "a", "x"}, "o i a x"},
		"nested indexes stay":           {Filter{Untagged: true}, []string{"o v1 [i x]", "i [a]", "a", "x"}, ""},
		"an inner index with a tag":     {Filter{Untagged: true}, []string{"o [i x]", "i v1 [a]", "a", "x"}, "o x"},
		"what refers to what stays":     {Filter{Untagged: true}, []string{"s ->a", "a v1", "t ->b", "b"}, "t b"},
		"what refers to a child": {
			Filter{Untagged: true},
			[]string{"s ->a", "i v1 [a]", "a", "t ->j", "j [b]", "b", "u ->b"},
			"t j b u",
		},
		"a referrer of a referrer":           {Filter{Untagged: true}, []string{"t ->s", "s ->a", "a v1"}, ""},
		"a referrer with children":           {Filter{Untagged: true}, []string{"s ->a [x]", "x", "a v1"}, ""},
		"a tagged referrer goes along":       {Filter{Untagged: true}, []string{"s sig ->a", "a"}, "s a"},
		"its subject is not there":           {Filter{Untagged: true}, []string{"s ->gone", "a v1"}, "s"},
		"older":                              {Filter{OlderThan: 1 * 24 * time.Hour}, []string{"a v1", "b v2", "c v3", "d"}, "c d"},
		"an index's age is its own":          {Filter{OlderThan: 1 * 24 * time.Hour}, []string{"i v1 [a]", "b v2", "a", "c"}, "c"},
		"a young referrer goes along":        {Filter{OlderThan: 1 * 24 * time.Hour}, []string{"s ->a", "b v2", "a v1"}, "s a"},
		"untagged and older":                 {Filter{Untagged: true, OlderThan: 1 * 24 * time.Hour}, []string{"a", "b", "c v1", "d"}, "d"},
		"the newest of a kind":               {Filter{Keep: 2}, []string{"a v3", "b v2", "c v1", "d v0"}, "c d"},
		"what has no tag is not kept":        {Filter{Keep: 1}, []string{"a", "b v2", "c", "d v1"}, "a c d"},
		"several tags are one image":         {Filter{Keep: 2}, []string{"a v3 latest", "b v2", "c v1"}, "c"},
		"more than there are":                {Filter{Keep: 9}, []string{"a v3", "b v2"}, ""},
		"an index counts once":               {Filter{Keep: 1}, []string{"i v2 [a b]", "a", "b", "j v1 [c b]", "c"}, "j c"},
		"a signature takes no image's place": {Filter{Keep: 1}, []string{"s sig ->a", "a v2", "b v1"}, "b"},
		"the newest, and younger ones": {
			Filter{Keep: 1, OlderThan: 1 * 24 * time.Hour},
			[]string{"a v4", "b v3", "c v2", "d v1"},
			"c d",
		},
		"untagged, whatever is kept": {Filter{Keep: 1, Untagged: true}, []string{"a v2", "b v1", "c"}, "c"},
		"a signature by its tag": {
			Filter{Keep: 1},
			[]string{
				hex("s") + " " + sig("a"), hex("a") + " v2", hex("t") + " " + sig("b"),
				hex("b") + " v1",
			},
			hex("t") + " " + hex("b"),
		},
		"one of an image that is not there": {
			Filter{Keep: 1},
			[]string{hex("a") + " v2", hex("s") + " " + sig("b")},
			hex("s"),
		},
		"tags that name each other": {
			Filter{Untagged: true},
			[]string{hex("a") + " " + sig("b"), hex("b") + " " + sig("a")},
			"",
		},
		"what latest points at": {
			Filter{OlderThan: time.Hour, Protect: []string{"latest"}},
			[]string{"s ->a", "i latest [a]", "a", "b v2", "c latest-1"},
			"b c",
		},
		"protected tags": {Filter{Keep: 1, Protect: []string{"v*", "x"}}, []string{"a d3", "b v2", "c d1", "d v1 x", "e"}, "c e"},
		"a protected tag of a child": {
			Filter{OlderThan: time.Hour, Protect: []string{"v*"}},
			[]string{"i [a b]", "a v1", "b", "j"},
			"j",
		},
		"a protected referrer": {Filter{Untagged: true, Protect: []string{"v*"}}, []string{"s v1 ->a", "a", "b"}, "b"},
		"an image in use in an index in an index": {
			Filter{Untagged: true, InUse: []string{"a", "gone"}},
			[]string{"o [i x]", "i [a b]", "a", "x", "b", "s ->o", "c"},
			"c",
		},
		"an index in use":                {Filter{Keep: 1, InUse: []string{"j"}}, []string{"i v2 [a]", "a", "j v1 [b]", "b", "c"}, "c"},
		"all tags match":                 {Filter{Tag: "pr-*"}, []string{"a pr-1", "b pr-2 pr-3", "c pr-4 v1", "d", "e v2", "f xpr-1"}, "a b"},
		"the newest of those that match": {Filter{Tag: "pr-*", Keep: 1}, []string{"a v9", "b pr-3", "c pr-2", "d v1"}, "c"},
		"a malformed pattern":            {Filter{Tag: "["}, []string{"a ["}, ""},
		"artifacts are no images": {
			Filter{Keep: 1},
			[]string{"h 1.0 application/vnd.cncf.helm.config.v1+json", "k x application/vnd.buildkit.cacheconfig.v0", "a v2", "b v1"},
			"b",
		},
		"a signature without its image": {
			Filter{Keep: 1},
			[]string{"s sig ->gone application/vnd.dev.cosign.artifact.sig.v1+json", "a v2"},
			"s",
		},
		"an old artifact": {
			Filter{OlderThan: 24 * time.Hour},
			[]string{"a v2", "b v1", "h 1.0 application/vnd.cncf.helm.config.v1+json"},
			"h",
		},
		"nothing there": {Filter{Untagged: true}, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var goes []string
			for _, m := range test.filter.selected(inventoryOf(test.holds...), day(100)) {
				goes = append(goes, m.Digest)
			}
			if got := strings.Join(goes, " "); got != test.goes {
				t.Errorf("of %q goes %q, want %q", test.holds, got, test.goes)
			}
		})
	}
}

// An image whose push time is not told is not old.
func TestFilterWithoutAPushTime(t *testing.T) {
	inventory := inventoryOf("a")
	inventory.Members[0].PushedAt = nil
	if selected := (Filter{OlderThan: 1000 * 24 * time.Hour}).selected(inventory, day(2000)); len(selected) > 0 {
		t.Errorf("%q goes", selected[0].Digest)
	}
}

// Whatever is decided, nothing goes that something that stays lists or is referred to by, and what belongs to nothing
// that stays goes when all do.
func TestFilterBreaksNothing(t *testing.T) {
	inventory := inventoryOf("s ->o", "o v9 [i j]", "i [a b]", "j v8 [b c]", "t ->b", "k [c d]", "a", "b", "c arm", "d",
		"e v7", "f")
	for _, filter := range []Filter{
		{Untagged: true}, {Keep: 1}, {Keep: 2}, {Keep: 3}, {OlderThan: 1 * 24 * time.Hour}, {OlderThan: 5 * 24 * time.Hour}, {
			OlderThan: 8 * 24 * time.Hour,
			Untagged:  true,
		}, {Keep: 1, OlderThan: 2 * 24 * time.Hour},
	} {
		selected := filter.selected(inventory, day(100))
		for _, m := range selected {
			for _, parent := range m.Parents {
				if !slices.Contains(selected, parent) {
					t.Errorf("%+v: %s goes, and %s, which lists it, stays", filter, m.Digest, parent.Digest)
				}
			}
			for _, referrer := range m.Referrers {
				if !slices.Contains(selected, referrer) {
					t.Errorf("%+v: %s goes, and %s, which refers to it, stays", filter, m.Digest, referrer.Digest)
				}
			}
		}
	}
}
