package catalog

import (
	"strings"
	"testing"
)

func TestMatchWildcard(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"latest", "latest", true},
		{"latest", "latest1", false},
		{"*", "", true},
		{"v*", "v1", true},
		{"v*", "av1", false},
		{"*-rc", "v1-rc", true},
		{"*-rc", "v1-rc2", false},
		{"v*-*", "v1-x", true},
		{"v*-*", "v1x", false},
		{"a*b*c", "abbbc", true},
		{"a*a", "a", false},
		{"*b*b*", "ab", false},
		{"*b*b*", "abcb", true},
		{"", "", true},
		{"", "a", false},
		{strings.Repeat("*a", 60) + "b", strings.Repeat("a", 300), false},
	} {
		if got := matchWildcard(c.pattern, c.text); got != c.want {
			t.Errorf("matchWildcard(%q, %q) = %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

func TestCheckTag(t *testing.T) {
	for tag, good := range map[string]bool{
		"v1": true, "_a.b-c": true, strings.Repeat("a", 300): true,
		"": false, ".a": false, "-a": false, "a/b": false, "a+b": false, "a\nb": false, strings.Repeat("a", 301): false,
	} {
		if got := CheckTag(tag) == nil; got != good {
			t.Errorf("CheckTag(%q) = %v, want %v", tag, got, good)
		}
	}
}
