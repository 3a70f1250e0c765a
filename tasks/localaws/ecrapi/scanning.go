package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type putScanningInput struct {
	target
	Scanning *scanning `json:"imageScanningConfiguration" is:"required"`
}

type putScanningOutput struct {
	echo
	Scanning scanning `json:"imageScanningConfiguration"`
}

func putImageScanningConfiguration(c call, in putScanningInput) (out putScanningOutput, err error) {
	return putScanningOutput{c.echo(in.target), *in.Scanning}, c.SetScanOnPush(in.RepositoryName, in.Scanning.ScanOnPush)
}

type registryScanning struct {
	ScanType string         `json:"scanType"`
	Rules    []scanningRule `json:"rules"`
}

type scanningRule struct {
	Frequency string           `json:"scanFrequency"`
	Filters   []scanningFilter `json:"repositoryFilters"`
}

type scanningFilter struct {
	Filter string `json:"filter"`
	Type   string `json:"filterType"`
}

func scanningFilterOf(filter string) scanningFilter { return scanningFilter{filter, "WILDCARD"} }

func registryScanningOf(is catalog.Scanning) registryScanning {
	return registryScanning{is.Type, each(is.Rules, func(rule catalog.ScanningRule) scanningRule {
		return scanningRule{rule.Frequency, each(rule.Filters, scanningFilterOf)}
	})}
}

func (s registryScanning) catalog() (catalog.Scanning, error) {
	out := catalog.Scanning{Type: s.ScanType}
	for _, rule := range s.Rules {
		if rule.Filters == nil {
			return out, catalog.Invalid("rules.repositoryFilters", "Member must not be null")
		}
		made := catalog.ScanningRule{Frequency: rule.Frequency}
		for _, filter := range rule.Filters {
			if filter.Type != "WILDCARD" {
				return out, catalog.Invalid("rules.repositoryFilters.filterType", "Member must satisfy enum value set: [WILDCARD]")
			}
			made.Filters = append(made.Filters, filter.Filter)
		}
		out.Rules = append(out.Rules, made)
	}
	return out, nil
}

type getRegistryScanningOutput struct {
	RegistryID string           `json:"registryId"`
	Scanning   registryScanning `json:"scanningConfiguration"`
}

func getRegistryScanningConfiguration(c call, _ nothing) (getRegistryScanningOutput, error) {
	is, err := c.Scanning()
	return getRegistryScanningOutput{c.Account(), registryScanningOf(is)}, err
}

type putRegistryScanningOutput struct {
	Scanning registryScanning `json:"registryScanningConfiguration"`
}

func putRegistryScanningConfiguration(c call, in registryScanning) (out putRegistryScanningOutput, err error) {
	want, err := in.catalog()
	if err != nil {
		return out, err
	}
	is, err := c.SetScanning(want)
	return putRegistryScanningOutput{registryScanningOf(is)}, err
}
