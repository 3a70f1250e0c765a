# Plain `terraform apply` logs docker in once the repositories are there, as `mage deploy` does. The cleanup before a
# destroy is in main.tf, at the repositories. Both hooks do nothing when a task runs Terraform (MAGE_TASK is set),
# because the task logs in and cleans up itself.
resource "terraform_data" "login" {
  depends_on = [aws_ecr_repository.app]

  provisioner "local-exec" {
    on_failure  = continue
    quiet       = true
    interpreter = ["/bin/sh", "-c"]
    environment = {
      ECR_REGION         = local.aws_region
      ECR_PROFILE        = local.aws_profile
      DEPLOY_ENVIRONMENT = var.environment
    }
    command = <<-EOT
      [ -z "$MAGE_TASK" ] || exit 0
      if ! command -v go >/dev/null; then
        echo "warning: Go is not on the PATH, so docker is not logged in; the output docker_login_command does it" >&2
      elif ! go tool mage -d ../.. ecr:login "-region=$ECR_REGION" "-profile=$ECR_PROFILE"; then
        echo "warning: the repositories are there, but docker is not logged in; try again: go tool mage ecr:login" >&2
      fi
    EOT
  }
}
