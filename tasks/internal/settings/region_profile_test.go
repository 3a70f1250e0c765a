package settings

import (
	"strings"
	"testing"
)

func TestOrderOfProfiles(t *testing.T) {
	flag, none := "flag", ""
	tests := []struct {
		name string
		flag *string
		env  map[string]string
		want string
	}{
		{"locals.tf alone", nil, nil, "avive-cfndev-k8s"},
		{"AWS_PROFILE over locals.tf", nil, map[string]string{"AWS_PROFILE": "env"}, "env"},
		{"flag over AWS_PROFILE", &flag, map[string]string{"AWS_PROFILE": "env"}, "flag"},
		{"empty flag is no profile", &none, map[string]string{"AWS_PROFILE": "env"}, ""},
		{"empty AWS_PROFILE is unset", nil, map[string]string{"AWS_PROFILE": ""}, "avive-cfndev-k8s"},
		{"keys", nil, map[string]string{"AWS_ACCESS_KEY_ID": "AKIA"}, ""},
		{"keys and AWS_PROFILE", nil, map[string]string{"AWS_ACCESS_KEY_ID": "AKIA", "AWS_PROFILE": "env"}, "env"},
		{"keys and flag", &flag, map[string]string{"AWS_ACCESS_KEY_ID": "AKIA"}, "flag"},
		{"empty keys", nil, map[string]string{"AWS_ACCESS_KEY_ID": ""}, "avive-cfndev-k8s"},
		{"web identity", nil, map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/t", "AWS_ROLE_ARN": "arn"}, ""},
		{"token without a role", nil, map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/t"}, "avive-cfndev-k8s"},
		{"role without a token", nil, map[string]string{"AWS_ROLE_ARN": "arn"}, "avive-cfndev-k8s"},
		{"container", nil, map[string]string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/c"}, ""},
		{"container elsewhere", nil, map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://h/c"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Load(folder, Override{Profile: test.flag, LookupEnv: lookupIn(test.env)})
			if err != nil {
				t.Fatal(err)
			}
			if got.Profile != test.want {
				t.Errorf("Profile = %q, want %q", got.Profile, test.want)
			}
			if got.Backend.Profile != "avive-cfndev-k8s" {
				t.Errorf("Backend.Profile = %q, want what backend.tf says", got.Backend.Profile)
			}
		})
	}
}

func TestOrderOfRegions(t *testing.T) {
	flag := "ap-south-1"
	tests := []struct {
		name string
		flag *string
		env  string
		want string
		warn bool
	}{
		{"locals.tf alone", nil, "", "us-west-2", false},
		{"AWS_REGION that agrees", nil, "us-west-2", "us-west-2", false},
		{"AWS_REGION that differs", nil, "eu-central-1", "eu-central-1", true},
		{"flag over both", &flag, "eu-central-1", "ap-south-1", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Load(folder, Override{Region: test.flag, LookupEnv: lookupIn(map[string]string{"AWS_REGION": test.env})})
			if err != nil {
				t.Fatal(err)
			}
			if got.Region != test.want || got.Backend.Region != "us-west-2" {
				t.Errorf("Region = %q, Backend.Region = %q, want %q and us-west-2", got.Region, got.Backend.Region, test.want)
			}
			if (len(got.Warnings) == 1) != test.warn {
				t.Errorf("Warnings = %q, want one: %v", got.Warnings, test.warn)
			}
		})
	}
}

// AWS_DEFAULT_REGION counts after AWS_REGION, as for the SDK and Terraform, and a warning names the one that counts.
func TestTheDefaultRegionCountsLast(t *testing.T) {
	for _, test := range []struct{ region, fallback, want, named string }{
		{"", "eu-west-1", "eu-west-1", "AWS_DEFAULT_REGION"},
		{"eu-central-1", "eu-west-1", "eu-central-1", "AWS_REGION"},
	} {
		env := map[string]string{"AWS_REGION": test.region, "AWS_DEFAULT_REGION": test.fallback}
		got, err := Load(folder, Override{LookupEnv: lookupIn(env)})
		if err != nil {
			t.Fatal(err)
		}
		if got.Region != test.want || len(got.Warnings) != 1 || !strings.HasPrefix(got.Warnings[0], test.named+" is ") {
			t.Errorf("with %v: Region = %q, Warnings = %q", env, got.Region, got.Warnings)
		}
	}
}

func TestTheWarningNamesBothRegionsAndWhichIsUsed(t *testing.T) {
	got, err := Load(folder, Override{LookupEnv: lookupIn(map[string]string{"AWS_REGION": "eu-central-1"})})
	if err != nil {
		t.Fatal(err)
	}
	want := `AWS_REGION is "eu-central-1" and ` + folder + `/locals.tf:4 says "us-west-2": using "eu-central-1"`
	if len(got.Warnings) != 1 || got.Warnings[0] != want {
		t.Errorf("Warnings = %q, want %q", got.Warnings, want)
	}
}

func TestARegionThatIsNone(t *testing.T) {
	empty, typo := "", "us-west2"
	for _, test := range []struct {
		name string
		o    Override
		want string
	}{
		{"empty flag", Override{Region: &empty}, `-region: want an AWS region such as us-west-2, found ""`},
		{"flag", Override{Region: &typo}, `-region: want an AWS region such as us-west-2, found "us-west2"`},
		{
			"environment",
			Override{LookupEnv: lookupIn(map[string]string{"AWS_REGION": typo})},
			`AWS_REGION: want an AWS region such as us-west-2, found "us-west2"`,
		},
	} {
		if _, err := Load(folder, test.o); err == nil || err.Error() != test.want {
			t.Errorf("%s: Load = %v, want %s", test.name, err, test.want)
		}
	}
}

func TestRegionsOfEveryPartition(t *testing.T) {
	for _, region := range strings.Fields(
		"us-west-2 ap-southeast-7 us-gov-west-1 cn-northwest-1 us-isob-east-1 eu-isoe-west-1 eusc-de-east-1 mx-central-1") {
		if !regionRule.pattern.MatchString(region) {
			t.Errorf("%s is refused, want it taken", region)
		}
	}
}

func lookupIn(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}
}
