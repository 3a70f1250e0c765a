terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

variable "days" {
  type    = number
  default = 30
}

variable "mutability" {
  type    = string
  default = "MUTABLE"
}

variable "stage" {
  type    = string
  default = "first"
}

resource "aws_ecr_repository" "app" {
  name                 = "team/app"
  image_tag_mutability = var.mutability

  image_scanning_configuration {
    scan_on_push = var.mutability == "IMMUTABLE"
  }

  tags = {
    stage = var.stage
  }
}

resource "aws_ecr_lifecycle_policy" "app" {
  repository = aws_ecr_repository.app.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Expire any image ${var.days} days after its push"
      selection = {
        tagStatus   = "any"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = var.days
      }
      action = { type = "expire" }
    }]
  })
}

resource "aws_ecr_repository_policy" "app" {
  repository = aws_ecr_repository.app.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = var.stage
      Effect    = "Allow"
      Principal = "*"
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}
