# Plans only: `terraform test` with apply would run the real provisioners, and at its end the cleanup too.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_ecr_repository" {
    defaults = {
      arn            = "arn:aws:ecr:us-west-2:123456789012:repository/any"
      registry_id    = "123456789012"
      repository_url = "123456789012.dkr.ecr.us-west-2.amazonaws.com/any"
    }
  }

  mock_resource "aws_ecr_lifecycle_policy" {
    defaults = { registry_id = "123456789012" }
  }
}

run "one_repository_an_entry" {
  command = plan

  assert {
    condition     = toset(keys(aws_ecr_repository.app)) == toset(keys(local.repositories))
    error_message = "want one repository for each entry of local.repositories, got ${join(", ", keys(aws_ecr_repository.app))}"
  }

  assert {
    condition     = toset(keys(aws_ecr_lifecycle_policy.app)) == toset(keys(local.repositories))
    error_message = "want one lifecycle policy for each entry of local.repositories, got ${join(", ", keys(aws_ecr_lifecycle_policy.app))}"
  }

  assert {
    condition     = { for key, one in output.repositories : key => one.name } == { for key, one in local.repositories : key => one.name }
    error_message = "want each repository in the output repositories, got ${jsonencode(output.repositories)}"
  }
}

run "each_repository" {
  command = plan

  assert {
    condition     = alltrue([for repo in aws_ecr_repository.app : repo.image_tag_mutability == "MUTABLE"])
    error_message = "latest is pushed again and again, so tags are MUTABLE"
  }

  assert {
    condition     = alltrue([for repo in aws_ecr_repository.app : repo.image_scanning_configuration[0].scan_on_push])
    error_message = "every image is scanned on push"
  }

  assert {
    condition     = alltrue([for repo in aws_ecr_repository.app : one(repo.encryption_configuration).encryption_type == "AES256"])
    error_message = "images are encrypted with AES256; another type would replace the repository"
  }

  assert {
    condition     = alltrue([for repo in aws_ecr_repository.app : repo.force_delete == false])
    error_message = "a stray destroy must not take the images along"
  }

  assert {
    condition     = alltrue([for app, repo in aws_ecr_repository.app : repo.tags.Name == repo.name && repo.tags.Application == app])
    error_message = "Name and Application are the repository's own"
  }
}

run "each_lifecycle_policy" {
  command = plan

  assert {
    condition     = alltrue([for app, policy in aws_ecr_lifecycle_policy.app : policy.repository == aws_ecr_repository.app[app].name])
    error_message = "each policy belongs to its own app's repository"
  }

  assert {
    condition = alltrue([for policy in aws_ecr_lifecycle_policy.app : jsonencode(jsondecode(policy.policy)) == jsonencode({
      rules = [{
        rulePriority = 1
        description  = "Expire any image 30 days after its push"
        selection = {
          tagStatus   = "any"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 30
        }
        action = { type = "expire" }
      }]
    })])
    error_message = "rule 1, and no other, expires any image 30 days after its push: ${jsonencode(values(aws_ecr_lifecycle_policy.app)[*].policy)}"
  }
}
