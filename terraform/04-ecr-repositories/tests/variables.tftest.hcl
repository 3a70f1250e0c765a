# What the tasks give as -var wins over locals.tf, and an empty profile is a choice.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_ecr_repository" {
    defaults = {
      arn            = "arn:aws:ecr:eu-central-1:123456789012:repository/any"
      registry_id    = "123456789012"
      repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/any"
    }
  }

  mock_resource "aws_ecr_lifecycle_policy" {
    defaults = { registry_id = "123456789012" }
  }
}

run "given_region_and_profile_win" {
  command = plan

  variables {
    region  = "eu-central-1"
    profile = "somebody-else"
  }

  assert {
    condition     = local.aws_region == "eu-central-1"
    error_message = "region: ${local.aws_region}"
  }

  assert {
    condition     = local.aws_profile == "somebody-else"
    error_message = "profile: ${local.aws_profile}"
  }

  assert {
    condition     = output.docker_login_command == "aws ecr get-login-password --region eu-central-1 --profile avive-cfndev-k8s | docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    error_message = "an output is the same whoever runs Terraform, else every machine would plan a change: ${output.docker_login_command}"
  }
}

run "an_empty_profile_means_none" {
  command = plan

  variables {
    region  = "eu-central-1"
    profile = ""
  }

  assert {
    condition     = local.aws_profile == ""
    error_message = "want no profile, got ${local.aws_profile}"
  }
}

run "without_variables_locals_decide" {
  command = plan

  # The mocked ARNs are of another region than locals.tf's, and the check says so.
  expect_failures = [check.repositories]

  assert {
    condition     = [local.aws_region, local.aws_profile] == [local.region, local.profile]
    error_message = "want ${local.region} and ${local.profile}, got ${local.aws_region} and ${local.aws_profile}"
  }
}

run "an_empty_region_is_refused" {
  command = plan

  variables {
    region = ""
  }

  expect_failures = [var.region]
}

run "an_environment_that_is_not_there" {
  command = plan

  variables {
    environment = "prdo"
  }

  expect_failures = [var.environment]
}
