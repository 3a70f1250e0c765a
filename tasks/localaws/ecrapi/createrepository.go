package ecrapi

import "envoy-proxy-poc/tasks/localaws/catalog"

type createRepositoryInput struct {
	target
	Tags []tag `json:"tags"`
	mutability
	Scanning   scanning    `json:"imageScanningConfiguration"`
	Encryption *encryption `json:"encryptionConfiguration"`
}

type scanning struct {
	ScanOnPush bool `json:"scanOnPush"`
}

type encryption struct {
	EncryptionType string `json:"encryptionType"`
	KMSKey         string `json:"kmsKey,omitempty"`
}

type repositoryOutput struct {
	Repository repository `json:"repository"`
}

type repository struct {
	ARN       string `json:"repositoryArn"`
	Registry  string `json:"registryId"`
	Name      string `json:"repositoryName"`
	URI       string `json:"repositoryUri"`
	CreatedAt epoch  `json:"createdAt"`
	mutability
	Scanning   scanning   `json:"imageScanningConfiguration"`
	Encryption encryption `json:"encryptionConfiguration"`
}

func createRepository(c call, in createRepositoryInput) (out repositoryOutput, err error) {
	want := catalog.Repository{Name: in.RepositoryName, ScanOnPush: in.Scanning.ScanOnPush}
	if want.Mutability, err = in.catalog(); err != nil {
		return out, err
	}
	if want.Tags, err = tagMap(in.Tags); err != nil {
		return out, err
	}
	if in.Encryption != nil {
		if in.Encryption.EncryptionType == "" {
			return out, catalog.Invalid("encryptionConfiguration.encryptionType", "Member must not be null")
		}
		want.Encryption = catalog.Encryption{Type: in.Encryption.EncryptionType, KMSKey: in.Encryption.KMSKey}
	}
	made, err := c.CreateRepository(want)
	return repositoryOutput{c.repository(made)}, err
}

func (c call) repository(is catalog.Repository) repository {
	return repository{
		ARN: c.ARN(is.Name), Registry: c.Account(), Name: is.Name, URI: c.host + "/" + is.Name,
		CreatedAt: epoch{is.CreatedAt}, mutability: mutabilityOf(is.Mutability),
		Scanning: scanning{is.ScanOnPush}, Encryption: encryption{is.Encryption.Type, is.Encryption.KMSKey},
	}
}
