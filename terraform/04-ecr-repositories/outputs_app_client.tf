# The outputs of the two programs, app and client, from before the output repositories: names and shapes stay.

locals {
  app_repository    = lookup(aws_ecr_repository.app, "app", local.no_repository)
  client_repository = lookup(aws_ecr_repository.app, "client", local.no_repository)

  # For `terraform import`, which takes one repository into the state and then reads this file.
  no_repository = { arn = "", image_tag_mutability = "", name = "", registry_id = "", repository_url = "" }
}

output "app_docker_build_command" {
  description = "Builds the app's image; the context is the root of the git repository."
  value       = "docker build -f apps/app/Dockerfile -t ${local.app_repository.name} ."
}

output "app_docker_push_command" {
  description = "Tags the app's image for the registry, and pushes it."
  value       = "docker tag ${local.app_repository.name}:latest ${local.app_repository.repository_url}:latest && docker push ${local.app_repository.repository_url}:latest"
}

output "app_repository_arn" {
  description = "ARN of the app's repository."
  value       = local.app_repository.arn
}

output "app_repository_name" {
  description = "Name of the app's repository."
  value       = local.app_repository.name
}

output "app_repository_url" {
  description = "What the app's image is called, without a tag."
  value       = local.app_repository.repository_url
}

output "client_docker_build_command" {
  description = "Builds the client's image; the context is the root of the git repository."
  value       = "docker build -f apps/client/Dockerfile -t ${local.client_repository.name} ."
}

output "client_docker_push_command" {
  description = "Tags the client's image for the registry, and pushes it."
  value       = "docker tag ${local.client_repository.name}:latest ${local.client_repository.repository_url}:latest && docker push ${local.client_repository.repository_url}:latest"
}

output "client_repository_arn" {
  description = "ARN of the client's repository."
  value       = local.client_repository.arn
}

output "client_repository_name" {
  description = "Name of the client's repository."
  value       = local.client_repository.name
}

output "client_repository_url" {
  description = "What the client's image is called, without a tag."
  value       = local.client_repository.repository_url
}

output "repositories_config" {
  description = "Both repositories and their registry, in one value."
  value = {
    app_repository = {
      name                 = local.app_repository.name
      url                  = local.app_repository.repository_url
      image_tag_mutability = local.app_repository.image_tag_mutability
    }
    client_repository = {
      name                 = local.client_repository.name
      url                  = local.client_repository.repository_url
      image_tag_mutability = local.client_repository.image_tag_mutability
    }
    registry = {
      id     = local.registry.registry_id
      region = local.aws_region
      url    = local.registry_url
    }
  }
}
