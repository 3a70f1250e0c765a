package ecrapi

type describeRegistryOutput struct {
	RegistryID  string      `json:"registryId"`
	Replication replication `json:"replicationConfiguration"`
}

type replication struct {
	Rules []nothing `json:"rules"`
}

func describeRegistry(c call, _ nothing) (describeRegistryOutput, error) {
	return describeRegistryOutput{c.Account(), replication{Rules: []nothing{}}}, nil
}

type getAccountSettingInput struct {
	Name string `json:"name" is:"required"`
}

type accountSetting struct {
	Name  string `json:"name" is:"required"`
	Value string `json:"value" is:"required"`
}

func getAccountSetting(c call, in getAccountSettingInput) (accountSetting, error) {
	value, err := c.AccountSetting(in.Name)
	return accountSetting{in.Name, value}, err
}

func putAccountSetting(c call, in accountSetting) (accountSetting, error) {
	return in, c.SetAccountSetting(in.Name, in.Value)
}
