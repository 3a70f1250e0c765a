package image

import (
	"reflect"
	"testing"
)

func TestParsePlatforms(t *testing.T) {
	tests := map[string][]string{
		"":                                    {"linux/amd64", "linux/arm64"},
		"linux/amd64, linux/arm64":            {"linux/amd64", "linux/arm64"},
		"linux/arm64/v8":                      {"linux/arm64"},
		"linux/arm":                           {"linux/arm/v7"},
		"linux/arm/v5,linux/arm/v6,linux/arm": {"linux/arm/v5", "linux/arm/v6", "linux/arm/v7"},
		"linux/amd64/v3,linux/amd64/v1":       {"linux/amd64/v3", "linux/amd64"},
		"linux/s390x,linux/riscv64":           {"linux/s390x", "linux/riscv64"},
	}
	for in, want := range tests {
		platforms, err := ParsePlatforms(in)
		var got []string
		for _, p := range platforms {
			got = append(got, p.String())
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParsePlatforms(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestParsePlatformsRefuses(t *testing.T) {
	tests := map[string][]string{
		"amd64":                         {`"amd64" is not os/arch`},
		"linux/amd64,":                  {`"" is not os/arch`},
		"linux//v8":                     {`"linux//v8" is not os/arch`},
		"linux/arm/v7/x":                {"is not os/arch"},
		"windows/amd64":                 {`"windows/amd64" is none`},
		"linux/x86_64":                  {"is none", "386, amd64, arm, arm64"},
		"linux/arm/v8":                  {"want one of v5, v6, v7"},
		"linux/s390x/z15":               {"has none"},
		"linux/arm64,linux/arm64/v8":    {`"linux/arm64" is named twice`},
		"linux/vax,darwin/arm64,linux/": {`"linux/vax"`, `"darwin/arm64"`, `"linux/"`},
	}
	for in, words := range tests {
		_, err := ParsePlatforms(in)
		wantError(t, err, words...)
	}
}

func TestPlatformEnv(t *testing.T) {
	tests := map[string][]string{
		"linux/amd64":    {"GOOS=linux", "GOARCH=amd64", "GOAMD64=v1"},
		"linux/amd64/v3": {"GOOS=linux", "GOARCH=amd64", "GOAMD64=v3"},
		"linux/arm64":    {"GOOS=linux", "GOARCH=arm64", "GOARM64=v8.0"},
		"linux/arm/v6":   {"GOOS=linux", "GOARCH=arm", "GOARM=6"},
		"linux/s390x":    {"GOOS=linux", "GOARCH=s390x"},
	}
	for in, want := range tests {
		platforms, err := ParsePlatforms(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := platformEnv(platforms[0]); !reflect.DeepEqual(got, want) {
			t.Errorf("platformEnv(%s) = %q, want %q", in, got, want)
		}
	}
}
