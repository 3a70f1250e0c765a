# States written before the repositories were one map: they are taken over, not created anew.

moved {
  from = aws_ecr_repository.envoy_poc_app_repository
  to   = aws_ecr_repository.app["app"]
}

moved {
  from = aws_ecr_repository.envoy_poc_client_repository
  to   = aws_ecr_repository.app["client"]
}

moved {
  from = aws_ecr_lifecycle_policy.envoy_poc_app_lifecycle
  to   = aws_ecr_lifecycle_policy.app["app"]
}

moved {
  from = aws_ecr_lifecycle_policy.envoy_poc_client_lifecycle
  to   = aws_ecr_lifecycle_policy.app["client"]
}

# The cleanup was a part of this resource. Only the login is left of it, and its place in the state becomes the login's:
# the old cleanup does not run.
moved {
  from = terraform_data.hooks
  to   = terraform_data.login
}
