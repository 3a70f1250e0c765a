package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type mutability struct {
	Mode    string            `json:"imageTagMutability"`
	Filters []exclusionFilter `json:"imageTagMutabilityExclusionFilters,omitempty" is:"filled"`
}

type exclusionFilter struct {
	FilterType string `json:"filterType"`
	Filter     string `json:"filter"`
}

func (m mutability) catalog() (catalog.Mutability, error) {
	out := catalog.Mutability{Mode: m.Mode}
	for _, filter := range m.Filters {
		if filter.FilterType != "WILDCARD" {
			return out, catalog.Invalid("imageTagMutabilityExclusionFilters", "Member must satisfy enum value set: [WILDCARD]")
		}
		out.Filters = append(out.Filters, filter.Filter)
	}
	return out, nil
}

func mutabilityOf(m catalog.Mutability) mutability {
	out := mutability{Mode: m.Mode}
	for _, filter := range m.Filters {
		out.Filters = append(out.Filters, exclusionFilter{"WILDCARD", filter})
	}
	return out
}

type putImageTagMutabilityInput struct {
	target
	mutability
}

type putImageTagMutabilityOutput struct {
	echo
	mutability
}

func putImageTagMutability(c call, in putImageTagMutabilityInput) (out putImageTagMutabilityOutput, err error) {
	if in.Mode == "" { // CreateRepository has a default
		return out, catalog.Invalid("imageTagMutability", "Member must not be null")
	}
	m, err := in.catalog()
	if err != nil {
		return out, err
	}
	return putImageTagMutabilityOutput{c.echo(in.target), in.mutability}, c.SetMutability(in.RepositoryName, m)
}
