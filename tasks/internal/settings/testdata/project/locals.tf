# What can be set. Terraform and the mage tasks both read it here, and nothing is written twice.
# A flag wins, then AWS_PROFILE and AWS_REGION (in the tasks), then this file.
locals {
  region     = "us-west-2"
  profile    = "avive-cfndev-k8s"
  account_id = null # "123456789012" refuses every other account

  project     = "envoy-proxy-poc"
  environment = coalesce(var.environment, "cfndev") # the default's name; mage env NAME gives another

  # One entry an image: the program or the Dockerfile in apps/<key>, and its repository. A third image is a third line.
  repositories = {
    app    = { name = "${local.environment}-${local.project}-app" }
    client = { name = "${local.environment}-${local.project}-client" }
  }

  image_tag_mutability = "MUTABLE" # or "IMMUTABLE"
  scan_on_push         = true
  retention_days       = 30 # an image expires this many days after its push
  protect_tags         = {} # { "v*" = 20, latest = 1 } keeps so many newest images with such a tag, whatever their age

  kms_key = null # "arn:aws:kms:…:key/…" encrypts the repositories; ECR cannot change it later
  readers = []   # "arn:aws:iam::210987654321:role/promote" and other ARNs of accounts that may pull

  # Each further environment is one entry: what differs from the values above, and its account_id (mage env NAME …).
  # prod = { account_id = "210987654321", profile = "prod", state = { bucket = "prod-states" } } has the names prod-….
  # state = { bucket, key, region, kms_key_id } differs from backend.tf; the key is prod/04-ecr-repositories/… without it.
  environments = {}

  source_url = null # "https://…" becomes the images' org.opencontainers.image.source

  tags = {
    Project     = local.project
    Environment = local.environment
    ManagedBy   = "terraform"
    Purpose     = "Container images of the Envoy proxy proof of concept"
    Section     = "04-ecr-repositories"
  }
}
