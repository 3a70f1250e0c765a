resource "aws_ecr_repository" "app" {
  for_each = local.chosen.repositories

  name                 = each.value.name
  image_tag_mutability = local.chosen.image_tag_mutability
  force_delete         = false # ECR refuses to delete a repository that holds images

  encryption_configuration {
    encryption_type = local.chosen.kms_key == null ? "AES256" : "KMS"
    kms_key         = local.chosen.kms_key
  }

  image_scanning_configuration {
    scan_on_push = local.chosen.scan_on_push
  }

  tags = merge(local.tags, {
    Name        = each.value.name
    Application = each.key
  })

  # Empties this repository before Terraform deletes it. The provisioner is part of the repository because a resource of
  # its own would also run it when that resource alone is replaced or destroyed. tasks/hook deletes images only for
  # `terraform destroy` and `terraform apply -destroy`, which it learns from the command line of the shell's parent: one
  # word a line on Linux, all in one line elsewhere. Any other command needs CLEANUP_MODE=true, also one that applies a
  # saved destroy plan. Terraform skips the provisioner of a tainted repository, and ECR then keeps the images.
  provisioner "local-exec" {
    when        = destroy
    quiet       = true
    interpreter = ["/bin/sh", "-c"]
    environment = {
      ECR_REPOSITORY_NAME = self.name
      ECR_REPOSITORY_ARNS = self.arn
      ECR_REGISTRY_ID     = self.registry_id
    }
    command = <<-EOT
      [ -z "$MAGE_TASK" ] || exit 0
      if ! command -v go >/dev/null; then
        echo "warning: Go is not on the PATH, so $ECR_REPOSITORY_NAME is not emptied; ECR keeps it if it has images" >&2
        exit 0
      fi
      command=$(2>/dev/null tr '\n\0' ' \n' <"/proc/$PPID/cmdline" || ps -o args= -p "$PPID")
      TERRAFORM_COMMAND=$command exec go run -C ../.. -buildvcs=false ./tasks/hook
    EOT
  }
}

# An image belongs to the first rule that matches its tags, and no later rule takes it. So exact tags come first, then
# the patterns with the most letters: v* cannot take the image that is latest too.
locals {
  protected = [
    for ranked in sort([for pattern in keys(local.chosen.protect_tags) :
      format("%d%03d%s", strcontains(pattern, "*") ? 1 : 0, 999 - length(replace(pattern, "*", "")), pattern)
    ]) : substr(ranked, 4, -1)
  ]
}

resource "aws_ecr_lifecycle_policy" "app" {
  for_each = local.chosen.repositories

  repository = aws_ecr_repository.app[each.key].name
  policy = jsonencode({
    rules = concat([for i, pattern in local.protected : {
      rulePriority = i + 1
      description  = "Keep images with a tag ${pattern}, the newest ${local.chosen.protect_tags[pattern]}"
      selection = {
        tagStatus      = "tagged"
        tagPatternList = [pattern]
        countType      = "imageCountMoreThan"
        countNumber    = local.chosen.protect_tags[pattern]
      }
      action = { type = "expire" }
      }], [{
      rulePriority = length(local.protected) + 1
      description  = "Expire any image ${local.chosen.retention_days} days after its push"
      selection = {
        tagStatus   = "any"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = local.chosen.retention_days
      }
      action = { type = "expire" }
    }])
  })

  lifecycle {
    precondition {
      condition     = length(local.chosen.protect_tags) <= 49
      error_message = "ECR takes 50 rules: want at most 49 patterns in protect_tags, got ${length(local.chosen.protect_tags)}."
    }
  }
}

# What a pull needs, and a promotion that reads here with the role of another account.
resource "aws_ecr_repository_policy" "readers" {
  for_each = { for app, repository in local.chosen.repositories : app => repository if length(local.chosen.readers) > 0 }

  repository = aws_ecr_repository.app[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Readers"
      Effect    = "Allow"
      Principal = { AWS = sort(local.chosen.readers) }
      Action = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:DescribeImageScanFindings",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer",
      ]
    }]
  })
}
