package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type putScanningInput struct {
	target
	Scanning *scanning `json:"imageScanningConfiguration"`
}

type putScanningOutput struct {
	echo
	Scanning scanning `json:"imageScanningConfiguration"`
}

func putImageScanningConfiguration(c call, in putScanningInput) (out putScanningOutput, err error) {
	if in.Scanning == nil {
		return out, catalog.Invalid("imageScanningConfiguration", "Member must not be null")
	}
	return putScanningOutput{c.echo(in.target), *in.Scanning}, c.SetScanOnPush(in.RepositoryName, in.Scanning.ScanOnPush)
}
