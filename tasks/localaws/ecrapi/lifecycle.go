package ecrapi

type putLifecycleInput struct {
	target
	Text string `json:"lifecyclePolicyText" is:"required"`
}

type lifecycleOutput struct {
	echo
	Text string `json:"lifecyclePolicyText"`
}

// evaluatedOutput has a time of 0.0 for a policy that was never evaluated (the AWS CLI's example of
// delete-lifecycle-policy).
type evaluatedOutput struct {
	lifecycleOutput
	LastEvaluatedAt epoch `json:"lastEvaluatedAt"`
}

func putLifecyclePolicy(c call, in putLifecycleInput) (lifecycleOutput, error) {
	text, err := c.SetLifecycle(in.RepositoryName, in.Text)
	return lifecycleOutput{c.echo(in.target), text}, err
}

func getLifecyclePolicy(c call, in onRepository) (evaluatedOutput, error) {
	text, evaluated, err := c.Lifecycle(in.RepositoryName)
	return evaluatedOutput{lifecycleOutput{c.echo(in.target), text}, epoch{evaluated}}, err
}

func deleteLifecyclePolicy(c call, in onRepository) (evaluatedOutput, error) {
	text, evaluated, err := c.DeleteLifecycle(in.RepositoryName)
	return evaluatedOutput{lifecycleOutput{c.echo(in.target), text}, epoch{evaluated}}, err
}
