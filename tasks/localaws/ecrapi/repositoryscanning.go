package ecrapi

import (
	"fmt"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

type repositoryScanningInput struct {
	RepositoryNames []string `json:"repositoryNames"`
}

type repositoryScanningOutput struct {
	Configurations []repositoryScanning        `json:"scanningConfigurations"`
	Failures       []repositoryScanningFailure `json:"failures"`
}

type repositoryScanning struct {
	ARN        string           `json:"repositoryArn"`
	Name       string           `json:"repositoryName"`
	ScanOnPush bool             `json:"scanOnPush"`
	Frequency  string           `json:"scanFrequency"`
	Filters    []scanningFilter `json:"appliedScanFilters"`
}

type repositoryScanningFailure struct {
	Name   string `json:"repositoryName"`
	Code   string `json:"failureCode"`
	Reason string `json:"failureReason"`
}

func batchGetRepositoryScanningConfiguration(c call, in repositoryScanningInput) (repositoryScanningOutput, error) {
	found, missing, err := c.RepositoryScanning(in.RepositoryNames)
	return repositoryScanningOutput{
		Configurations: each(found, func(is catalog.RepositoryScanning) repositoryScanning {
			return repositoryScanning{c.ARN(is.Name), is.Name, is.Frequency != catalog.ManualScan, is.Frequency, each(is.Filters, scanningFilterOf)}
		}),
		Failures: each(missing, func(name string) repositoryScanningFailure {
			return repositoryScanningFailure{name, "REPOSITORY_NOT_FOUND", fmt.Sprintf(
				"The repository with name '%s' does not exist in the registry with id '%s'", name, c.Account())}
		}),
	}, err
}
