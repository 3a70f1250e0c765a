package ecrapi

type putLifecycleInput struct {
	target
	Text string `json:"lifecyclePolicyText" is:"required"`
}

type lifecycleOutput struct {
	echo
	Text            string `json:"lifecyclePolicyText"`
	LastEvaluatedAt epoch  `json:"lastEvaluatedAt,omitzero"`
}

func putLifecyclePolicy(c call, in putLifecycleInput) (lifecycleOutput, error) {
	text, err := c.SetLifecycle(in.RepositoryName, in.Text)
	return lifecycleOutput{echo: c.echo(in.target), Text: text}, err
}

func getLifecyclePolicy(c call, in onRepository) (lifecycleOutput, error) {
	text, evaluated, err := c.Lifecycle(in.RepositoryName)
	return lifecycleOutput{c.echo(in.target), text, epoch{evaluated}}, err
}

func deleteLifecyclePolicy(c call, in onRepository) (lifecycleOutput, error) {
	text, evaluated, err := c.DeleteLifecycle(in.RepositoryName)
	return lifecycleOutput{c.echo(in.target), text, epoch{evaluated}}, err
}
