package ecrapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

// operation is a decoder with the handler behind it.
type operation func(call, []byte) (any, error)

// addressed is an input that names the registry it is for.
type addressed interface{ registry() string }

// naming is an input that names repositories.
type naming interface{ repositories() []string }

// registryID is embedded in the inputs of operations on a registry.
type registryID struct {
	RegistryID string `json:"registryId"`
}

func (t registryID) registry() string { return t.RegistryID }

// target is embedded in the inputs of operations on a repository.
type target struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName" is:"required"`
}

func (t target) registry() string { return t.RegistryID }

func (t target) repositories() []string { return []string{t.RepositoryName} }

// echo is the same in the outputs.
type echo struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
}

func (c call) echo(t target) echo { return echo{c.Account(), t.RepositoryName} }

func op[In, Out any](handle func(call, In) (Out, error)) operation {
	known := members(reflect.TypeFor[In]())
	return func(c call, body []byte) (any, error) {
		var in In
		if err := decode(body, &in, known); err != nil {
			return nil, err
		}
		if to, ok := any(in).(addressed); ok {
			var names []string
			if of, ok := any(in).(naming); ok {
				names = of.repositories()
			}
			var err error
			if c, err = c.enter(to.registry(), names); err != nil {
				return nil, err
			}
		}
		return handle(c, in)
	}
}

var registryIDPattern = regexp.MustCompile(`^[0-9]{12}$`)

// enter turns a call to the registry that it names. Whether another account may enter, the
// policies of the repositories say.
func (c call) enter(id string, names []string) (call, error) {
	if id == "" || id == c.Account() {
		return c, nil
	}
	if !registryIDPattern.MatchString(id) {
		return c, badRegistryID()
	}
	there, host := c.peer(id)
	switch {
	case len(names) == 0 || c.action == "ecr:CreateRepository":
		return c, &catalog.Error{Code: "AccessDeniedException", Message: fmt.Sprintf(
			"User: %s is not authorized to use the registry with id '%s'", c.signed.Caller.ARN, id)}
	case there == nil:
		return c, &catalog.Error{Code: "RepositoryNotFoundException", Message: fmt.Sprintf(
			"The repository with name '%s' does not exist in the registry with id '%s'", names[0], id)}
	}
	registry, err := there.Registry(c.Region())
	for _, name := range names {
		if err == nil {
			err = registry.Admit(c.signed.Caller, c.action, name)
		}
	}
	c.Registry, c.signed.Host = registry, host
	return c, err
}

func (c call) peer(id string) (*catalog.Catalog, string) {
	if c.signed.Peer == nil {
		return nil, ""
	}
	return c.signed.Peer(id)
}

func badRegistryID() error {
	return catalog.Invalid("registryId", "must satisfy regular expression '[0-9]{12}'")
}

// decode reads an input, and refuses what it does not know or lacks. Names are compared exactly, which encoding/json
// does not.
func decode(body []byte, in any, known []member) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil {
		return &catalog.Error{Code: "SerializationException", Message: "The request is no JSON object"}
	}
	for name := range top {
		if !slices.ContainsFunc(known, func(m member) bool { return m.name == name }) {
			return &catalog.Error{Code: "InvalidParameterException", Message: fmt.Sprintf("Unknown parameter '%s'", name)}
		}
	}
	for _, m := range known {
		switch value := string(bytes.TrimSpace(top[m.name])); {
		case m.is == "required" && (value == "" || value == "null"):
			return catalog.Invalid(m.name, "Member must not be null")
		case m.is == "filled" && (value == `""` || value == "[]"):
			return catalog.Invalid(m.name, "Member must have length greater than or equal to 1")
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

// member is a parameter by its JSON name, with what the API's model says of it: is:"required" if a request must have
// it, is:"filled" if it must not be empty when it is there.
type member struct{ name, is string }

// members are those of a struct, and of the structs that are embedded in it.
func members(t reflect.Type) (out []member) {
	for _, field := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			out = append(out, member{name, field.Tag.Get("is")})
		}
	}
	return out
}
