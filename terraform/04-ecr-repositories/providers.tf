# What wins. An empty profile is a choice too (the credentials of the environment), so it is
# compared with null: coalesce would skip it.
locals {
  aws_region  = var.region == null ? local.region : var.region
  aws_profile = var.profile == null ? local.profile : var.profile
}

provider "aws" {
  region              = local.aws_region
  profile             = local.aws_profile
  allowed_account_ids = local.account_id == null ? null : [local.account_id]
}
