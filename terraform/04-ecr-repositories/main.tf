resource "aws_ecr_repository" "app" {
  for_each = local.repositories

  name                 = each.value.name
  image_tag_mutability = local.image_tag_mutability
  force_delete         = false # images go by a cleanup that someone asked for, never along with a destroy

  encryption_configuration {
    encryption_type = "AES256"
  }

  image_scanning_configuration {
    scan_on_push = local.scan_on_push
  }

  tags = merge(local.tags, {
    Name        = each.value.name
    Application = each.key
  })
}

resource "aws_ecr_lifecycle_policy" "app" {
  for_each = local.repositories

  repository = aws_ecr_repository.app[each.key].name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Expire any image ${local.retention_days} days after its push"
      selection = {
        tagStatus   = "any"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = local.retention_days
      }
      action = { type = "expire" }
    }]
  })
}
