# Plain `terraform apply` and `terraform destroy` do what `mage deploy` and `mage destroy` do around them: log docker in
# once the repositories are there, and empty them before they go. Where a task drives Terraform (MAGE_TASK is set) both
# stay silent, because the task does it itself.
#
# One resource for all repositories: two `go tool mage` at once clobber each other's generated file. Its values are
# `input`, which is updated in place; triggers_replace and count would run the cleanup at a mere change, and so would
# -replace. A destroy provisioner sees nothing but self, so what it needs is in there. The profile is not: it differs
# from machine to machine, and a state that held it would differ with it. `ecr:cleanup` finds its own, and refuses to
# touch another registry than this one.
resource "terraform_data" "hooks" {
  input = {
    region      = local.aws_region
    registry_id = one(distinct([for repo in aws_ecr_repository.app : repo.registry_id]))
    arns        = join(",", [for repo in aws_ecr_repository.app : repo.arn])
    # Read off the policies, so that this comes after them and goes before them.
    names = join(", ", [for policy in aws_ecr_lifecycle_policy.app : policy.repository])
  }

  provisioner "local-exec" {
    on_failure  = continue
    quiet       = true
    interpreter = ["/bin/sh", "-c"]
    environment = {
      ECR_REGION  = local.aws_region
      ECR_PROFILE = local.aws_profile
    }
    command = <<-EOT
      [ -z "$MAGE_TASK" ] || exit 0
      if ! command -v go >/dev/null; then
        echo "warning: Go is not on the PATH, so docker is not logged in; the output docker_login_command does it" >&2
      elif ! go tool mage -d ../.. ecr:login "-region=$ECR_REGION" "-profile=$ECR_PROFILE"; then
        echo "warning: the repositories are there, but docker is not logged in; once more: go tool mage ecr:login" >&2
      fi
    EOT
  }

  provisioner "local-exec" {
    when        = destroy
    quiet       = true
    interpreter = ["/bin/sh", "-c"]
    environment = {
      CLEANUP_MODE        = "true"
      ECR_REGION          = self.input.region
      ECR_REGISTRY_ID     = self.input.registry_id
      ECR_REPOSITORY_ARNS = self.input.arns
      NOT_EMPTIED         = "${self.input.names}: not emptied, so nothing is destroyed"
    }
    command = <<-EOT
      [ -z "$MAGE_TASK" ] || exit 0
      if ! command -v go >/dev/null; then
        echo "$NOT_EMPTIED: Go is not on the PATH" >&2
        echo "hint: run mage destroy where Go is; or delete the images yourself, then MAGE_TASK=1 terraform destroy" >&2
        exit 1
      fi
      go tool mage -d ../.. ecr:cleanup "-region=$ECR_REGION" $${TF_VAR_profile+"-profile=$TF_VAR_profile"} && exit 0
      echo "$NOT_EMPTIED: see above" >&2
      echo "hint: mend it and destroy again; TF_VAR_profile=NAME tells Terraform and the cleanup which profile to use" >&2
      exit 1
    EOT
  }
}
