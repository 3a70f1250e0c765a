package catalog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func daysAgo(n float64) time.Time { return noon.Add(-time.Duration(n * 24 * float64(time.Hour))) }

// aged is an active image that was pushed some days ago.
func aged(name string, days float64, tags ...string) Image {
	return Image{Digest: name, PushedAt: daysAgo(days), Tags: tags, Status: Active}
}

func (img Image) with(change func(*Image)) Image {
	change(&img)
	return img
}

// index names its children.
func index(img Image, children ...string) Image {
	return img.with(func(i *Image) { i.Children = children })
}

func artifact(img Image, subject string) Image {
	return img.with(func(i *Image) { i.Subject = subject })
}

func archivedSince(img Image, days float64) Image {
	return img.with(func(i *Image) { i.Status, i.ArchivedAt = Archived, daysAgo(days) })
}

func restoredSince(img Image, days float64) Image {
	return img.with(func(i *Image) { i.ArchivedAt, i.ActivatedAt = daysAgo(days+1), daysAgo(days) })
}

func pulledSince(img Image, days float64) Image {
	return img.with(func(i *Image) { i.LastPull = daysAgo(days) })
}

func ruleText(priority int, selection, action string) string {
	return fmt.Sprintf(`{"rulePriority":%d,"selection":{%s},"action":{%s}}`, priority, selection, action)
}

func policyOf(t *testing.T, rules ...string) LifecyclePolicy {
	t.Helper()
	policy, err := ParseLifecycle(`{"rules":[` + strings.Join(rules, ",") + `]}` + strings.Repeat(" ", 100))
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

const (
	expire  = `"type":"expire"`
	archive = `"type":"transition","targetStorageClass":"archive"`
)

func count(status string, n int) string {
	return fmt.Sprintf(`%s,"countType":"imageCountMoreThan","countNumber":%d`, status, n)
}

func since(what, status string, days int) string {
	return fmt.Sprintf(`%s,"countType":"sinceImage%s","countUnit":"days","countNumber":%d`, status, what, days)
}

const (
	anyTag   = `"tagStatus":"any"`
	untagged = `"tagStatus":"untagged"`
)

func pattern(patterns ...string) string {
	return fmt.Sprintf(`"tagStatus":"tagged","tagPatternList":["%s"]`, strings.Join(patterns, `","`))
}

func prefix(prefixes ...string) string {
	return fmt.Sprintf(`"tagStatus":"tagged","tagPrefixList":["%s"]`, strings.Join(prefixes, `","`))
}

// summary writes marks as "digest-priority", with a ^ for those that are archived.
func summary(marks []Mark) string {
	var out []string
	for _, mark := range marks {
		sign := "-"
		if !mark.Expire {
			sign = "^"
		}
		out = append(out, fmt.Sprintf("%s%s%d", mark.Image.Digest, sign, mark.Priority))
	}
	return strings.Join(out, " ")
}

// guide is the repository of the user guide's examples with several rules (lifecycle_policy_examples).
var guide = []Image{aged("A", 10, "beta-1", "prod-1"), aged("B", 9, "beta-2", "prod-2"), aged("C", 8, "beta-3")}

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		name   string
		rules  []string
		images []Image
		want   string
	}{
		{"nothing", []string{ruleText(1, count(anyTag, 1), expire)}, nil, ""},
		{
			"older than 3 days",
			[]string{ruleText(1, since("Pushed", anyTag, 3), expire)},
			[]Image{aged("old", 3.1), aged("exactly", 3), aged("young", 2.9), aged("oldest", 9, "v1")},
			"oldest-1 old-1",
		},
		{"more than 2", []string{ruleText(1, count(anyTag, 2), expire)}, []Image{aged("c", 1), aged("a", 3), aged("d", 0), aged("b", 2, "v1")}, "a-1 b-1"},
		{"no more than 9", []string{ruleText(1, count(anyTag, 9), expire)}, guide, ""},
		{"pushed at once", []string{ruleText(1, count(anyTag, 1), expire)}, []Image{aged("b", 1), aged("a", 1)}, "a-1"},
		{"untagged", []string{ruleText(1, count(untagged, 1), expire)}, []Image{aged("a", 3, "x"), aged("b", 2), aged("c", 1)}, "b-1"},
		{"prefix", []string{ruleText(1, count(prefix("prod"), 1), expire)}, guide, "A-1"},
		{"a prefix is no pattern", []string{ruleText(1, count(prefix("prod*"), 1), expire)}, guide, ""},
		{"all prefixes", []string{ruleText(1, since("Pushed", prefix("beta", "prod"), 1), expire)}, guide, "A-1 B-1"},
		{"all patterns", []string{ruleText(1, since("Pushed", pattern("*-2", "beta*"), 1), expire)}, guide, "B-1"},
		{"a pattern without wildcard", []string{ruleText(1, since("Pushed", pattern("beta-3"), 1), expire)}, guide, "C-1"},
		{"guide, prod before beta", []string{ruleText(1, count(prefix("prod"), 1), expire), ruleText(2, count(prefix("beta"), 1), expire)}, guide, "A-1"},
		{"guide, beta before prod", []string{ruleText(1, count(prefix("beta"), 1), expire), ruleText(2, count(prefix("prod"), 1), expire)}, guide, "A-1 B-1"},
		{"a lower rule keeps what it matches", []string{ruleText(1, count(pattern("prod*"), 9), expire), ruleText(2, since("Pushed", anyTag, 1), expire)}, guide, "C-2"},
		{"a rule counts what another expires", []string{ruleText(1, since("Pushed", pattern("beta-3"), 1), expire), ruleText(2, count(anyTag, 2), expire)}, guide, "A-2 C-1"},
		{"priorities have gaps", []string{ruleText(70, count(anyTag, 1), expire), ruleText(7, count(prefix("beta-3"), 1), expire)}, guide, "A-70 B-70"},
		{
			"children and artifacts count",
			[]string{ruleText(1, count(anyTag, 3), expire)},
			[]Image{aged("old", 9, "v1"), aged("amd", 3), aged("arm", 2), index(aged("index", 1, "v2"), "amd", "arm"), artifact(aged("sbom", 0), "index")},
			"old-1 amd-1",
		},
		{"archive", []string{ruleText(1, since("Pushed", anyTag, 5), archive)}, guide, "A^1 B^1 C^1"},
		{
			"not pulled",
			[]string{ruleText(1, since("Pulled", anyTag, 5), archive)},
			[]Image{aged("never", 9), aged("new", 1), pulledSince(aged("pulled", 9), 2), pulledSince(aged("forgotten", 9), 6)},
			"forgotten^1 never^1",
		},
		{
			"not pulled since it came back",
			[]string{ruleText(1, since("Pulled", anyTag, 5), archive)},
			[]Image{restoredSince(pulledSince(aged("back", 30), 20), 2), restoredSince(aged("back long ago", 30), 6), pulledSince(restoredSince(aged("back and pulled", 30), 9), 1)},
			"back long ago^1",
		},
		{"a restored image is as new", []string{ruleText(1, since("Pushed", anyTag, 5), expire)}, []Image{restoredSince(aged("a", 30), 2), restoredSince(aged("b", 30), 6)}, "b-1"},
		{"a restored image is young", []string{ruleText(1, count(anyTag, 1), expire)}, []Image{restoredSince(aged("a", 30), 2), aged("b", 20)}, "b-1"},
		{"the archive is no standard", []string{ruleText(1, count(anyTag, 1), expire)}, []Image{archivedSince(aged("a", 30), 2), aged("b", 20), aged("c", 10)}, "b-1"},
		{
			"archived for long",
			[]string{ruleText(1, since("Transitioned", anyTag, 90)+`,"storageClass":"archive"`, expire)},
			[]Image{archivedSince(aged("a", 200), 91), archivedSince(aged("b", 300), 89), aged("c", 300)},
			"a-1",
		},
		{
			"a rule for each class",
			[]string{ruleText(1, since("Pushed", anyTag, 30), archive), ruleText(2, since("Transitioned", anyTag, 90)+`,"storageClass":"archive"`, expire)},
			[]Image{archivedSince(aged("a", 200), 91), aged("b", 40), aged("c", 1)},
			"a-2 b^1",
		},
		{
			"one that is coming back",
			[]string{ruleText(1, count(anyTag, 1), expire)},
			[]Image{aged("a", 30).with(func(i *Image) { i.Status = Activating }), aged("b", 20)},
			"",
		},
	} {
		images := slices.Clone(c.images)
		slices.Reverse(images) // the order of the images does not matter
		policy := policyOf(t, c.rules...)
		for _, list := range [][]Image{c.images, images} {
			if got := summary(policy.Marks(list, noon)); got != c.want {
				t.Errorf("%s: Marks = %q, want %q", c.name, got, c.want)
			}
		}
	}
}

func TestPlan(t *testing.T) {
	both := []Image{aged("amd", 9), aged("arm", 9), index(aged("index", 8, "v1"), "amd", "arm")}
	for _, c := range []struct {
		name   string
		rule   string
		images []Image
		want   string
	}{
		{"children after their index", ruleText(1, since("Pushed", anyTag, 5), expire), both, "index-1 amd-1 arm-1"},
		{"children of an index that stays", ruleText(1, since("Pushed", untagged, 5), expire), both, ""},
		{"an index without its children", ruleText(1, since("Pushed", pattern("v*"), 5), expire), both, "index-1"},
		{"a child of two indexes", ruleText(1, since("Pushed", anyTag, 5), expire), append([]Image{index(aged("young", 1), "amd")}, both...), "index-1 arm-1"},
		{"an index in an index", ruleText(1, since("Pushed", anyTag, 5), expire), append([]Image{index(aged("outer", 7), "index")}, both...), "outer-1 index-1 amd-1 arm-1"},
		{"an inner index that stays", ruleText(1, since("Pushed", anyTag, 5), expire), append([]Image{index(aged("outer", 1), "index")}, both...), ""},
		{"archiving children of an active index", ruleText(1, since("Pushed", untagged, 5), archive), both, ""},
		{"archiving children with their index", ruleText(1, since("Pushed", anyTag, 5), archive), both, "index^1 amd^1 arm^1"},
		{
			"archiving children of an archived index", ruleText(1, since("Pushed", anyTag, 5), archive),
			[]Image{aged("amd", 9), archivedSince(index(aged("index", 8), "amd"), 1)},
			"amd^1",
		},
		{
			"expiring children of an archived index", ruleText(1, since("Pushed", anyTag, 5), expire),
			[]Image{aged("amd", 9), archivedSince(index(aged("index", 8), "amd"), 1)},
			"",
		},
		{
			"artifacts follow", ruleText(1, since("Pushed", pattern("v*"), 5), expire),
			[]Image{aged("img", 9, "v1"), artifact(aged("sbom", 1), "img"), artifact(aged("signature", 0), "sbom"), artifact(aged("other", 1), "gone")},
			"img-1 sbom-1 signature-1",
		},
		{
			"artifacts follow into the archive", ruleText(1, since("Pushed", pattern("v*"), 5), archive),
			[]Image{aged("img", 9, "v1"), artifact(aged("sbom", 1), "img"), archivedSince(artifact(aged("there", 1), "img"), 1)},
			"img^1 sbom^1",
		},
		{"artifacts of an image that stays", ruleText(1, since("Pushed", untagged, 5), expire), append(both, artifact(aged("sbom", 1), "amd")), ""},
	} {
		marks := policyOf(t, c.rule).Marks(c.images, noon)
		if got := summary(plan(marks, c.images)); got != c.want {
			t.Errorf("%s: plan = %q, want %q", c.name, got, c.want)
		}
	}
}
