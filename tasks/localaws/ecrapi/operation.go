package ecrapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// operation is a decoder with the handler behind it.
type operation func(call, []byte) (any, error)

// addressed is an input that names the registry it is for.
type addressed interface {
	address() (registryID, repositoryName string)
}

// registryID is embedded in the inputs of operations on a registry.
type registryID struct {
	RegistryID string `json:"registryId"`
}

func (t registryID) address() (string, string) { return t.RegistryID, "" }

// target is embedded in the inputs of operations on a repository.
type target struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName" is:"required"`
}

func (t target) address() (string, string) { return t.RegistryID, t.RepositoryName }

// echo is the same in the outputs.
type echo struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
}

func (c call) echo(t target) echo { return echo{c.Account(), t.RepositoryName} }

func op[In, Out any](handle func(call, In) (Out, error)) operation {
	known, required := members(reflect.TypeFor[In]())
	return func(c call, body []byte) (any, error) {
		var in In
		if err := decode(body, &in, known, required); err != nil {
			return nil, err
		}
		if to, ok := any(in).(addressed); ok {
			if err := c.mine(to.address()); err != nil {
				return nil, err
			}
		}
		return handle(c, in)
	}
}

var registryIDPattern = regexp.MustCompile(`^[0-9]{12}$`)

// mine refuses a request for another account's registry: no policy lets anybody in there.
func (c call) mine(id, repositoryName string) error {
	switch {
	case id == "" || id == c.Account():
		return nil
	case !registryIDPattern.MatchString(id):
		return catalog.Invalid("registryId", "must satisfy regular expression '[0-9]{12}'")
	case repositoryName != "":
		return &catalog.Error{Code: "RepositoryNotFoundException", Message: fmt.Sprintf(
			"The repository with name '%s' does not exist in the registry with id '%s'", repositoryName, id)}
	}
	return &catalog.Error{Code: "AccessDeniedException", Message: fmt.Sprintf(
		"User: arn:aws:iam::%s:root is not authorized to use the registry with id '%s'", c.Account(), id)}
}

// decode reads an input, and refuses what it does not know or lacks. Names are compared exactly, which encoding/json
// does not.
func decode(body []byte, in any, known map[string]bool, required []string) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil {
		return &catalog.Error{Code: "SerializationException", Message: "The request is no JSON object"}
	}
	for name := range top {
		if !known[name] {
			return &catalog.Error{Code: "InvalidParameterException", Message: fmt.Sprintf("Unknown parameter '%s'", name)}
		}
	}
	for _, name := range required {
		if value := bytes.TrimSpace(top[name]); len(value) == 0 || bytes.Equal(value, []byte("null")) {
			return catalog.Invalid(name, "Member must not be null")
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(in)
	if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
		return &catalog.Error{
			Code:    "SerializationException",
			Message: fmt.Sprintf("Parameter '%s' can not be a %s", kind.Field, kind.Value),
		}
	}
	if err != nil {
		return &catalog.Error{Code: "SerializationException", Message: strings.TrimPrefix(err.Error(), "json: ")}
	}
	return nil
}

// members are the JSON names of a struct, those of embedded structs among them, and which of them a request must have:
// those whose fields are tagged is:"required", as the API's model has it.
func members(t reflect.Type) (known map[string]bool, required []string) {
	known = map[string]bool{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		known[name] = true
		if field.Tag.Get("is") == "required" {
			required = append(required, name)
		}
	}
	return known, required
}
