# What became of the repositories, asked of their own attributes: a data source in here would make every later plan a
# diff. One assertion, because each is a warning of its own while the repositories are still to be made.
check "repositories" {
  assert {
    condition = alltrue([for app, repo in aws_ecr_repository.app :
      split(":", repo.arn)[3] == local.aws_region && try(aws_ecr_lifecycle_policy.app[app].registry_id, "") == repo.registry_id
    ])
    error_message = "Want each repository in ${local.aws_region}, its lifecycle policy beside it; got ${join(", ", [for repo in aws_ecr_repository.app : repo.arn])}."
  }
}
