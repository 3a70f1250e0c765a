package terraform

import (
	"encoding/json"
	"slices"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, change string
		want         []Attribute
	}{
		{"nothing differs", `{"before": {"a": 1, "b": [1]}, "after": {"a": 1, "b": [1]}}`, nil},
		{"a value", `{"before": {"a": "x<y"}, "after": {"a": "z"}}`, []Attribute{{Path: "a", Old: `"x<y"`, New: `"z"`}}},
		{"one comes, one goes", `{"before": {"tags": {"a": "1"}}, "after": {"tags": {"b": "2"}}}`, []Attribute{
			{Path: "tags.a", Old: `"1"`, New: absent}, {Path: "tags.b", Old: absent, New: `"2"`},
		}},
		{
			"nothing is as good as empty", `{"before": {"a": null, "b": {}, "c": ""}, "after": {"a": "", "b": null, "c": null}}`,
			nil,
		},
		{
			"false is not nothing", `{"before": {"a": null}, "after": {"a": false}}`,
			[]Attribute{{Path: "a", Old: absent, New: "false"}},
		},
		{
			"not known yet", `{"before": {"a": "x", "b": "y"}, "after": {"b": "y"}, "after_unknown": {"a": true, "b": false}}`,
			[]Attribute{{Path: "a", Old: `"x"`, New: unknown}},
		},
		{
			"in a block, and why it is replaced",
			`{"before": {"e": [{"t": "AES256", "k": ""}]}, "after": {"e": [{"t": "KMS"}]}, ` +
				`"after_unknown": {"e": [{"k": true}]}, "replace_paths": [["e", 0, "t"]]}`,
			[]Attribute{
				{Path: "e[0].k", Old: `""`, New: unknown},
				{Path: "e[0].t", Old: `"AES256"`, New: `"KMS"`, Replaces: true},
			},
		},
		{
			"a list that grows", `{"before": {"l": [1]}, "after": {"l": [1, 2]}}`,
			[]Attribute{{Path: "l", Old: "[1]", New: "[1,2]"}},
		},
		{
			"a policy is looked into, and all of it forces",
			`{"before": {"policy": "{\"rules\": [{\"n\": 30, \"x\": 1}]}"}, ` +
				`"after": {"policy": "{\"rules\": [{\"x\": 1, \"n\": 60}]}"}, "replace_paths": [["policy"]]}`,
			[]Attribute{{Path: "policy.rules[0].n", Old: "30", New: "60", Replaces: true}},
		},
		{
			"the same policy in another order", `{"before": {"p": "{\"a\":1,\"b\":2}"}, "after": {"p": "{\"b\":2, \"a\":1}"}}`,
			nil,
		},
		{
			"another attribute of the same beginning does not force", `{"before": {"name_prefix": "a"}, ` +
				`"after": {"name_prefix": "b"}, "replace_paths": [["name"]]}`,
			[]Attribute{{Path: "name_prefix", Old: `"a"`, New: `"b"`}},
		},
		{
			"a secret", `{"before": {"s": "old"}, "after": {"s": "new"}, "after_sensitive": {"s": true}}`,
			[]Attribute{{Path: "s", Old: sensitive, New: sensitive}},
		},
		{
			"one that was a secret", `{"before": {"s": "old"}, "after": {"s": "new"}, "before_sensitive": {"s": true}}`,
			[]Attribute{{Path: "s", Old: sensitive, New: sensitive}},
		},
		{
			"a secret within what is new",
			`{"before": {}, "after": {"m": {"s": "hush"}}, "after_sensitive": {"m": {"s": true}}}`,
			[]Attribute{{
				Path: "m",
				Old:  absent, New: sensitive,
			}},
		},
		{
			"a secret policy is not looked into",
			`{"before": {"p": "{\"a\":1}"}, "after": {"p": "{\"a\":2}"}, "after_sensitive": {"p": true}}`,
			[]Attribute{{Path: "p", Old: sensitive, New: sensitive}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var change tfjson.Change
			if err := json.Unmarshal([]byte(test.change), &change); err != nil {
				t.Fatal(err)
			}
			if got := compare(&change); !slices.Equal(got, test.want) {
				t.Errorf("compare = %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestEventsOfAPlan(t *testing.T) {
	t.Parallel()
	var failures []string
	r := newEventReader(func(text string) { failures = append(failures, text) })
	for _, line := range []string{
		`not JSON at all`,
		`{"type":"planned_change","change":{"resource":{"addr":"a.b","resource_type":"a"},"action":"noop"}}`,
		`{"type":"planned_change","change":{"resource":{"addr":"a.d","resource_type":"a"},"action":"move",` +
			`"previous_resource":{"addr":"a.c"}}}`,
		`{"type":"planned_change","change":{"resource":{"addr":"a.e","resource_type":"a"},"action":"import",` +
			`"importing":{"id":"x"}}}`,
		`{"type":"planned_change","change":{"resource":{"addr":"a.f","resource_type":"a"},"action":"remove"}}`,
		`{"type":"resource_drift","change":{"resource":{"addr":"a.g","resource_type":"a"},"action":"update"}}`,
		`{"type":"outputs","outputs":{"o":{"action":"create"},"p":{"action":"noop"},"q":{"value":1}}}`,
		`{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"W","detail":"why"}}`,
		`{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"Check block assertion known after apply",` +
			`"detail":"."}}`,
		`{"type":"diagnostic","diagnostic":{"severity":"error","summary":"E","detail":"why"}}`,
		`{"type":"diagnostic","diagnostic":{"severity":"error","summary":"E","detail":"why"}}`, // of another instance: said once
	} {
		for _, piece := range []string{line[:5], line[5:], "\n"} {
			if n, err := r.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Fatalf("Write = %d, %v", n, err)
			}
		}
	}
	want := []Change{
		{Address: "a.d", Type: "a", Action: "move", From: "a.c"},
		{Address: "a.e", Type: "a", Action: "import", From: "x"},
		{Address: "a.f", Type: "a", Action: "forget"},
	}
	equal := func(a, b Change) bool {
		return a.Address == b.Address && a.Type == b.Type && a.Action == b.Action && a.From == b.From
	}
	if !slices.EqualFunc(r.changes, want, equal) {
		t.Errorf("changes = %+v, want %+v", r.changes, want)
	}
	if len(r.drift) != 1 || r.drift[0].Address != "a.g" || len(r.outputs) != 1 || r.outputs[0].Address != "o" {
		t.Errorf("drift = %+v, outputs = %+v", r.drift, r.outputs)
	}
	if !slices.Equal(r.warnings, []string{"W\nwhy"}) || !slices.Equal(failures, []string{"Error: E\nwhy"}) {
		t.Errorf("warnings = %q, failures = %q", r.warnings, failures)
	}
}
