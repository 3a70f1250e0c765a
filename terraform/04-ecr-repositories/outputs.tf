# Other sections read these from the state: names and shapes stay.

locals {
  # `terraform import` takes one repository into the state and then reads this: there is none before the first.
  registry = try(values(aws_ecr_repository.app)[0], { registry_id = "", repository_url = "" })

  # Of a repository's own URL, so that it is right in every partition and for a registry on 127.0.0.1:4566 too.
  registry_url = split("/", local.registry.repository_url)[0]
}

output "docker_login_command" {
  description = "Logs docker in to the registry for twelve hours, from any folder; `mage ecr:login` needs neither program."

  # locals.tf's profile, not that of whoever runs Terraform: an output that differed between machines would be a change in each plan.
  value = join(" ", compact([
    "aws ecr get-login-password --region ${local.aws_region}",
    local.chosen.profile == "" ? "" : "--profile ${local.chosen.profile}",
    "| docker login --username AWS --password-stdin ${local.registry_url}",
  ]))
}

output "environment" {
  description = "Environment of this state; none for the default one. The tasks refuse the state of another."
  value       = var.environment == "" ? null : var.environment
}

output "registry_id" {
  description = "Account that holds the registry."
  value       = local.registry.registry_id
}

output "registry_url" {
  description = "Host of the registry, with its port if it has one."
  value       = local.registry_url
}

output "repositories" {
  description = "Every repository, by its key in locals.tf."
  value = { for key, repo in aws_ecr_repository.app : key => {
    arn  = repo.arn
    name = repo.name
    url  = repo.repository_url
  } }
}
