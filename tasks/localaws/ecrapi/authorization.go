package ecrapi

import (
	"encoding/base64"

	"envoy-proxy-poc/tasks/localaws/catalog"
)

type getAuthorizationTokenInput struct {
	RegistryIDs *[]string `json:"registryIds"`
}

type getAuthorizationTokenOutput struct {
	Data []authorization `json:"authorizationData"`
}

type authorization struct {
	Token         string `json:"authorizationToken"`
	ExpiresAt     epoch  `json:"expiresAt"`
	ProxyEndpoint string `json:"proxyEndpoint"`
}

// getAuthorizationToken gives a token for any registry, as ECR does (awslabs/amazon-ecr-credential-helper #26). There
// is one registry here, so its address and its token are the same for all.
func getAuthorizationToken(c call, in getAuthorizationTokenInput) (out getAuthorizationTokenOutput, err error) {
	ids := []string{c.Account()}
	if in.RegistryIDs != nil {
		ids = *in.RegistryIDs
	}
	if len(ids) < 1 || len(ids) > 10 {
		return out, catalog.Invalid("registryIds", "Member must have length between 1 and 10")
	}
	for _, id := range ids {
		if !registryIDPattern.MatchString(id) {
			return out, badRegistryID()
		}
		password, expires := c.Password()
		token := base64.StdEncoding.EncodeToString([]byte("AWS:" + password))
		out.Data = append(out.Data, authorization{token, epoch{expires}, "http://" + c.host})
	}
	return out, nil
}
