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
		"push:app -tag=a -TAG=b":                   "has the flag -tag twice",
		"ship -yes -dryRun":                        "ship has no flag -dryRun",
		"ecr:cleanup -repo= -yes":                  "-repo is empty",
		"ecr:login -profile=":                      "",
		"plna":                                     `unknown target "plna"`,
		"ecr:cleanup -olderThan=7d":                "-olderThan is \"7d\": want a duration",
		"ecr:status -images=all":                   "want a whole number",
		"deploy -yes=maybe":                        "want nothing, true or false",
		"push:app -tag":                            "-tag has no value",
		"plan -v":                                  "plan has no flag -v",
		"local deploy -lockTimeout=5m 3m push:all": `unknown target "3m"`,
		"": "",
	} {
		err := checkCommandLine(strings.Fields(line))
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
		"-h deploy": true, "-h push:image": true, "-h plna": true, "-l": true,
		"-yes deploy": false, "-v -yes deploy": false, "-lockTimeout=5s deploy": false, "--yes deploy": false,
	} {
		if err := Check(magefile, strings.Fields(line)); (err == nil) != good {
			t.Errorf("mage %s: %v", line, err)
		}
	}
}
