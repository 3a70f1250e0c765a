package menu

import (
	"strings"
	"testing"
)

func TestCheckCommandLine(t *testing.T) {
	for line, want := range map[string]string{
		"deploy":                           "",
		"local deploy push:all ecr:status": "",
		"local deploy -yes push:image app -tag=v1": "",
		"ECR:Status -json":                         "",
		"state:unlock 1-2 -yes":                    "",
		"-v deploy":                                "",
		"-t 5s deploy":                             "",
		"ecr:cleanup dryRun":                       `unknown target "dryRun"`,
		"local ecr:cleanup local":                  "local comes first",
		"destroy -yes local":                       "local comes first",
		"deploy push:image":                        "push:image wants NAME",
		"push:image deploy local":                  "local comes first",
		"push:image -tag=v1 app":                   `"-tag=v1" stands where its NAME belongs`,
		"tag:app v1":                               "tag:app wants FROM TO",
		"tag:image app v1 -json":                   `"-json" stands where its TO belongs`,
		"ecr:cleanup -yes push:app -bogus":         "push:app has no flag -bogus",
		"deploy --allowDelete":                     "takes this flag only as -allowDelete",
		"deploy -allowdelete":                      "takes this flag only as -allowDelete",
		"destroy --yes":                            "takes this flag only as -yes",
		"ecr:cleanup -dry-run":                     "takes this flag only as -dryRun",
		"ecr:cleanup -olderThan 720h":              "takes this flag only as -olderThan=VALUE",
		"state:unlock 1 --yes":                     "takes this flag only as -yes",
		"push:app -tag ecr:status":                 "-tag has no value",
		"deploy -yes true":                         `unknown target "true"`,
		"push app -tag=v1":                         "hint: type: mage push:app -tag=v1",
		"login":                                    "hint: type: mage ecr:login",
		"scan":                                     "hint: type: mage ecr:scan",
		"local status":                             "hint: type: mage local ecr:status",
		"push":                                     `unknown target "push" (a flag has a dash in front)`,
		"retention -repo=$(reboot)":                "hint: type: mage ecr:retention -repo='$(reboot)'",
		"app":                                      "is it build:app, promote:app, push:app, tag:app?",
		"deploy -lockTimeout=-5s":                  "want a duration such as",
		"push:app -tag=a -TAG=b":                   "has the flag -tag twice",
		"ship -yes -dryRun":                        "ship has no flag -dryRun",
		"ecr:cleanup -repo= -yes":                  "-repo is empty",
		"ecr:login -profile=":                      "",
		"plna":                                     `unknown target "plna"`,
		"ecr:cleanup -olderThan=7d":                "",
		"ecr:cleanup -olderThan=7days":             "-olderThan is \"7days\": want a duration",
		"ecr:status -images=all":                   "want a whole number",
		"deploy -yes=maybe":                        "want nothing, true or false",
		"push:app -tag":                            "-tag has no value",
		"plan -v":                                  "plan has no flag -v",
		"local deploy -lockTimeout=5m 3m push:all": `unknown target "3m"`,
		"": "",
	} {
		_, err := checkCommandLine(strings.Fields(line))
		if want == "" && err != nil {
			t.Errorf("mage %s: %v", line, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("mage %s: %v, want %q", line, err, want)
		}
	}
}

func TestFlagsInFront(t *testing.T) {
	for line, good := range map[string]bool{
		"": true, "deploy": true, "-v deploy": true, "-t 5s deploy -yes": true, "-t=5s deploy": true,
		"-h deploy": true, "-h push:image": true, "-h plna": false, "-l": true,
		"-yes deploy": false, "-v -yes deploy": false, "-lockTimeout=5s deploy": false, "--yes deploy": false,
	} {
		if _, err := Check(magefile, strings.Fields(line)); (err == nil) != good {
			t.Errorf("mage %s: %v", line, err)
		}
	}
}

// What people type out of habit is what Mage reads.
func TestSpellings(t *testing.T) {
	for line, want := range map[string]string{
		"":                                      "",
		"-v -t 5s deploy":                       "-v -t 5s deploy",
		"push:app --dry-run --fail-on=high":     "push:app -dryRun -failOn=high",
		"Push:App -tag v1 ecr:status -images 3": "push:app -tag=v1 ecr:status -images=3",
		"tag:image app v1 latest --json":        "tag:image app v1 latest -json",
		"ecr:cleanup -olderThan=30d -yes":       "ecr:cleanup -olderThan=720h -yes",
		"deploy -lockTimeout 1d12h":             "deploy -lockTimeout=24h12h",
		"help":                                  "-l",
		"--help":                                "-l",
		"help deploy":                           "-h deploy",
		"-help deploy":                          "-h deploy",
		"push:image -h":                         "-h push:image",
		"local deploy --help":                   "-h deploy",
	} {
		got, err := Check(magefile, strings.Fields(line))
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("mage %s becomes %q (%v), want %q", line, got, err, want)
		}
	}
}

// Of several targets, the last one has stdout for itself where one of them is asked for JSON.
func TestAside(t *testing.T) {
	for line, want := range map[string][]bool{
		"deploy push:all -json":              {true, false},
		"local deploy push:all --json=false": {false, false, false},
		"ecr:status -json deploy":            {true, false},
		"ecr:status push:all deploy":         {false, false, false},
		"plan --json deploy":                 {true, false},
		"deploy ecr:images -format=lines":    {true, false},
		"ecr:pullSecret deploy":              {true, false},
	} {
		if _, err := Check(magefile, strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		for i, aside := range want {
			if got := Aside(); got != aside {
				t.Errorf("mage %s: while target %d runs, Aside is %v", line, i, got)
			}
			Ended()
		}
	}
}

// A hint can be pasted into a shell, whatever comes from outside.
func TestTyped(t *testing.T) {
	const want = "mage ecr:cleanup -repo='$(reboot)' 'a b' -tag='pr-*' -region=eu-west-1 'x=y'"
	if got := Typed("ecr:cleanup", "-repo=$(reboot)", "a b", "-tag=pr-*", "-region=eu-west-1", "x=y"); got != want {
		t.Errorf("Typed = %s, want %s", got, want)
	}
}
