package menu

import (
	"reflect"
	"testing"
)

func TestRead(t *testing.T) {
	const magefile = `package main

func init() {}

// Deploy deploys.
func Deploy(ctx context.Context,
	yes *bool, // do not ask
	lockTimeout *time.Duration,
) error { return nil }

func (ECR) PullSecret(ctx context.Context, name, from string, keep *int, region *string) error { return nil }

func (Push) helper() {}
`
	found, err := Read(magefile)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Target{
		"deploy": {Flags: []Flag{{"yes", "bool"}, {"lockTimeout", "time.Duration"}}},
		"ecr:pullSecret": {
			Words: []string{"name", "from"}, Flags: []Flag{{"keep", "int"}, {"region", "string"}},
		},
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf("Read = %v, want %v", found, want)
	}
	if _, err := Read("package main\nfunc {"); err == nil {
		t.Error("Read takes what is no Go")
	}
}
