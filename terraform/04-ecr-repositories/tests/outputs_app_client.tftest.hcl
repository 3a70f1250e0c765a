# What other sections read: the repositories' names and tags, and the outputs, by name, shape and value.

mock_provider "aws" {
  override_during = plan
}

override_resource {
  target          = aws_ecr_repository.app["app"]
  override_during = plan
  values = {
    arn            = "arn:aws:ecr:us-west-2:123456789012:repository/cfndev-envoy-proxy-poc-app"
    registry_id    = "123456789012"
    repository_url = "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-app"
  }
}

override_resource {
  target          = aws_ecr_repository.app["client"]
  override_during = plan
  values = {
    arn            = "arn:aws:ecr:us-west-2:123456789012:repository/cfndev-envoy-proxy-poc-client"
    registry_id    = "123456789012"
    repository_url = "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-client"
  }
}

override_resource {
  target          = aws_ecr_lifecycle_policy.app
  override_during = plan
  values          = { registry_id = "123456789012" }
}

run "on_aws" {
  command = plan

  assert {
    condition = output.repositories == {
      app = {
        arn  = "arn:aws:ecr:us-west-2:123456789012:repository/cfndev-envoy-proxy-poc-app"
        name = "cfndev-envoy-proxy-poc-app"
        url  = "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-app"
      }
      client = {
        arn  = "arn:aws:ecr:us-west-2:123456789012:repository/cfndev-envoy-proxy-poc-client"
        name = "cfndev-envoy-proxy-poc-client"
        url  = "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-client"
      }
    }
    error_message = "repositories: ${jsonencode(output.repositories)}"
  }

  assert {
    condition = aws_ecr_repository.app["client"].tags == tomap({
      Project     = "envoy-proxy-poc"
      Environment = "cfndev"
      ManagedBy   = "terraform"
      Purpose     = "Container images of the Envoy proxy proof of concept"
      Section     = "04-ecr-repositories"
      Name        = "cfndev-envoy-proxy-poc-client"
      Application = "client"
    })
    error_message = "tags of the client's repository: ${jsonencode(aws_ecr_repository.app["client"].tags)}"
  }

  assert {
    condition = [output.app_repository_name, output.app_repository_url, output.app_repository_arn] == [
      "cfndev-envoy-proxy-poc-app",
      "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-app",
      "arn:aws:ecr:us-west-2:123456789012:repository/cfndev-envoy-proxy-poc-app",
    ]
    error_message = "app_repository_name, _url or _arn"
  }

  assert {
    condition = [output.client_repository_name, output.client_repository_url, output.client_repository_arn] == [
      "cfndev-envoy-proxy-poc-client",
      "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-client",
      "arn:aws:ecr:us-west-2:123456789012:repository/cfndev-envoy-proxy-poc-client",
    ]
    error_message = "client_repository_name, _url or _arn"
  }

  assert {
    condition     = [output.registry_id, output.registry_url] == ["123456789012", "123456789012.dkr.ecr.us-west-2.amazonaws.com"]
    error_message = "registry_id or registry_url: ${output.registry_id}, ${output.registry_url}"
  }

  assert {
    condition     = output.docker_login_command == "aws ecr get-login-password --region us-west-2 --profile avive-cfndev-k8s | docker login --username AWS --password-stdin 123456789012.dkr.ecr.us-west-2.amazonaws.com"
    error_message = "docker_login_command: ${output.docker_login_command}"
  }

  assert {
    condition = [output.app_docker_build_command, output.client_docker_build_command] == [
      "docker build -f apps/app/Dockerfile -t cfndev-envoy-proxy-poc-app .",
      "docker build -f apps/client/Dockerfile -t cfndev-envoy-proxy-poc-client .",
    ]
    error_message = "app_docker_build_command or client_docker_build_command"
  }

  assert {
    condition = [output.app_docker_push_command, output.client_docker_push_command] == [
      "docker tag cfndev-envoy-proxy-poc-app:latest 123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-app:latest && docker push 123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-app:latest",
      "docker tag cfndev-envoy-proxy-poc-client:latest 123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-client:latest && docker push 123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-client:latest",
    ]
    error_message = "app_docker_push_command or client_docker_push_command"
  }

  assert {
    condition = output.repositories_config == {
      app_repository = {
        name                 = "cfndev-envoy-proxy-poc-app"
        url                  = "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-app"
        image_tag_mutability = "MUTABLE"
      }
      client_repository = {
        name                 = "cfndev-envoy-proxy-poc-client"
        url                  = "123456789012.dkr.ecr.us-west-2.amazonaws.com/cfndev-envoy-proxy-poc-client"
        image_tag_mutability = "MUTABLE"
      }
      registry = {
        id     = "123456789012"
        region = "us-west-2"
        url    = "123456789012.dkr.ecr.us-west-2.amazonaws.com"
      }
    }
    error_message = "repositories_config: ${jsonencode(output.repositories_config)}"
  }
}

run "on_a_loopback_registry" {
  command = plan

  override_resource {
    target          = aws_ecr_repository.app["app"]
    override_during = plan
    values = {
      arn            = "arn:aws:ecr:us-west-2:123456789012:repository/team/app"
      registry_id    = "123456789012"
      repository_url = "127.0.0.1:4566/team/app"
    }
  }

  override_resource {
    target          = aws_ecr_repository.app["client"]
    override_during = plan
    values = {
      arn            = "arn:aws:ecr:us-west-2:123456789012:repository/team/client"
      registry_id    = "123456789012"
      repository_url = "127.0.0.1:4566/team/client"
    }
  }

  assert {
    condition     = output.registry_url == "127.0.0.1:4566" && output.repositories_config.registry.url == "127.0.0.1:4566"
    error_message = "the registry is the URL up to the first slash, port included: ${output.registry_url}"
  }

  assert {
    condition     = endswith(output.docker_login_command, " 127.0.0.1:4566")
    error_message = "docker_login_command: ${output.docker_login_command}"
  }
}
