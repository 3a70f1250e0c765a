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
	EncryptionType string  `json:"encryptionType"`
	KMSKey         *string `json:"kmsKey,omitempty"`
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
		want.Encryption.Type = in.Encryption.EncryptionType
		if key := in.Encryption.KMSKey; key != nil {
			if *key == "" {
				return out, catalog.Invalid("encryptionConfiguration.kmsKey", "Member must have length greater than or equal to 1")
			}
			want.Encryption.KMSKey = *key
		}
	}
	made, err := c.CreateRepository(want)
	return repositoryOutput{c.repository(made)}, err
}

func (c call) repository(is catalog.Repository) repository {
	out := repository{
		ARN: c.ARN(is.Name), Registry: c.Account(), Name: is.Name, URI: c.signed.Host + "/" + is.Name,
		CreatedAt: epoch{is.CreatedAt}, mutability: mutabilityOf(is.Mutability),
		Scanning: scanning{is.ScanOnPush}, Encryption: encryption{EncryptionType: is.Encryption.Type},
	}
	if is.Encryption.KMSKey != "" {
		out.Encryption.KMSKey = &is.Encryption.KMSKey
	}
	return out
}
