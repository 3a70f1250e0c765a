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

// getAuthorizationToken gives a token for any registry, as ECR does (awslabs/amazon-ecr-credential-helper #26). The
// address of an account that is not here is the caller's own.
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
		host := c.signed.Host
		if _, found := c.peer(id); found != "" {
			host = found
		}
		password, expires := c.Password(c.signed.Caller)
		token := base64.StdEncoding.EncodeToString([]byte("AWS:" + password))
		out.Data = append(out.Data, authorization{token, epoch{expires}, "http://" + host})
	}
	return out, nil
}
