# What wins. An empty profile is a choice too (the credentials of the environment), so it is
# compared with null: coalesce would skip it.
locals {
  aws_region  = var.region == null ? local.chosen.region : var.region
  aws_profile = var.profile == null ? local.chosen.profile : var.profile
}

provider "aws" {
  region              = local.aws_region
  profile             = local.aws_profile
  allowed_account_ids = local.chosen.account_id == null ? null : [local.chosen.account_id]
}

locals {
  # The environment's values over the defaults. A name that locals.tf does not have is an error here too.
  chosen = merge({
    account_id           = local.account_id
    image_tag_mutability = local.image_tag_mutability
    kms_key              = local.kms_key
    profile              = local.profile
    protect_tags         = local.protect_tags
    readers              = local.readers
    region               = local.region
    repositories         = local.repositories
    retention_days       = local.retention_days
    scan_on_push         = local.scan_on_push
  }, merge({ "" = {} }, local.environments)[var.environment])
}
