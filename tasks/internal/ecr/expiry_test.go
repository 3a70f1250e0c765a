package ecr

import (
	"strings"
	"testing"
	"time"
)

func TestExpiry(t *testing.T) {
	pushed, later := day(0), day(10)
	image := func(change ...func(*Image)) Image {
		image := Image{PushedAt: &pushed, Status: "ACTIVE"}
		for _, c := range change {
			c(&image)
		}
		return image
	}
	tagged := func(tags ...string) func(*Image) { return func(i *Image) { i.Tags = tags } }
	pulled := func(i *Image) { i.PulledAt = &later }
	archived := func(i *Image) { i.Status, i.ArchivedAt = "ARCHIVED", &later }
	restored := func(i *Image) { i.ActivatedAt = &later }
	untimed := func(i *Image) { i.PushedAt = nil }

	rule := func(priority, selection, action string) string {
		return `{"rulePriority":` + priority + `,"selection":{` + selection + `},"action":{` + action + `}}`
	}
	const (
		expire  = `"type":"expire"`
		archive = `"type":"transition","targetStorageClass":"archive"`
		days30  = `"countType":"sinceImagePushed","countUnit":"days","countNumber":30`
		days5   = `"countType":"sinceImagePushed","countUnit":"days","countNumber":5`
		three   = `"countType":"imageCountMoreThan","countNumber":3`
		unused  = `"countType":"sinceImagePulled","countUnit":"days","countNumber":30`
		gone    = `"storageClass":"archive","countType":"sinceImageTransitioned","countUnit":"days","countNumber":90`
	)
	anyOld := rule("9", `"tagStatus":"any",`+days30, expire)
	for name, c := range map[string]struct {
		policy string
		image  Image
		kind   string
		rule   int
		at     time.Time
	}{
		"no rule":                       {"", image(), ExpiryNever, 0, time.Time{}},
		"any":                           {anyOld, image(), ExpiryAt, 9, day(30)},
		"since it came back":            {anyOld, image(restored), ExpiryAt, 9, day(40)},
		"no time of the push":           {anyOld, image(untimed), ExpiryUnknown, 9, time.Time{}},
		"archived, and the rule is not": {anyOld, image(archived), ExpiryNever, 0, time.Time{}},
		"untagged first, whatever the order": {
			anyOld + "," + rule("1", `"tagStatus":"untagged",`+days5, expire), image(),
			ExpiryAt, 1, day(5),
		},
		"tagged is not untagged": {
			rule("1", `"tagStatus":"untagged",`+days5, expire) + "," + anyOld,
			image(tagged("v1")), ExpiryAt, 9, day(30),
		},
		"a prefix": {rule("1", `"tagStatus":"tagged","tagPrefixList":["v"],`+days5,
			expire) + "," + anyOld, image(tagged("x", "v1")), ExpiryAt, 1, day(5)},
		"one of two prefixes": {rule("1", `"tagStatus":"tagged","tagPrefixList":["v","w"],`+days5,
			expire) + "," + anyOld, image(tagged("v1")), ExpiryAt, 9, day(30)},
		"two prefixes by two tags": {
			rule("1", `"tagStatus":"tagged","tagPrefixList":["v","w"],`+days5, expire),
			image(tagged("v1", "w1")), ExpiryAt, 1, day(5),
		},
		"a pattern": {
			rule("1", `"tagStatus":"tagged","tagPatternList":["v*.0-*"],`+days5, expire),
			image(tagged("v1.0-rc")), ExpiryAt, 1, day(5),
		},
		"a pattern's dot is a dot": {
			rule("1", `"tagStatus":"tagged","tagPatternList":["v1.0"],`+days5, expire),
			image(tagged("v1x0")), ExpiryNever, 0,
			time.Time{},
		},
		"a pattern is the whole tag": {
			rule("1", `"tagStatus":"tagged","tagPatternList":["v*0"],`+days5, expire),
			image(tagged("v01")), ExpiryNever, 0,
			time.Time{},
		},
		"a count shields from later rules": {rule("1", `"tagStatus":"tagged","tagPrefixList":["v"],`+three,
			expire) + "," + anyOld, image(tagged("v1")), ExpiryCount, 1, time.Time{}},
		"an archive": {
			rule("1", `"tagStatus":"any",`+unused, archive), image(), ExpiryArchive, 1,
			day(30),
		},
		"an archive since the pull": {
			rule("1", `"tagStatus":"any",`+unused, archive), image(pulled), ExpiryArchive,
			1, day(40),
		},
		"archived": {
			anyOld + "," + rule("10", `"tagStatus":"any",`+gone, expire), image(archived),
			ExpiryAt, 10, day(100),
		},
		"an unknown count": {
			rule("1",
				`"tagStatus":"any","countType":"sinceMoon","countUnit":"days","countNumber":1`, expire),
			image(), ExpiryUnknown, 1,
			time.Time{},
		},
		"an unknown action": {
			rule("1", `"tagStatus":"any",`+days5, `"type":"freeze"`), image(),
			ExpiryUnknown, 1,
			time.Time{},
		},
	} {
		p, err := parsePolicy(`{"rules":[` + c.policy + `]}`)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, at := p.expiry(c.image), time.Time{}
		if got.ExpiresAt != nil {
			at = *got.ExpiresAt
		}
		if got.ArchivesAt != nil {
			at = *got.ArchivesAt
		}
		if got.Kind != c.kind || got.Rule != c.rule || !at.Equal(c.at) || got.ExpiresAt != nil && got.ArchivesAt != nil {
			t.Errorf("%s: expiry %s by rule %d at %v, want %s, %d, %v", name, got.Kind, got.Rule, at, c.kind, c.rule, c.at)
		}
	}
	if _, err := parsePolicy("{"); err == nil || !strings.Contains(err.Error(), "lifecycle policy") {
		t.Errorf("err = %v for half a policy", err)
	}
}
