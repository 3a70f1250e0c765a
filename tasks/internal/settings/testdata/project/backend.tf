# Literals, because Terraform reads this block before any other: plain `terraform init` works with them.
# The bucket's region is set here alone. The tasks give their own profile with -backend-config=profile=.
terraform {
  backend "s3" {
    bucket       = "cfndev-envoy-proxy-poc-terraform-state"
    key          = "04-ecr-repositories/terraform.tfstate"
    region       = "us-west-2"
    profile      = "avive-cfndev-k8s"
    encrypt      = true
    use_lockfile = true
  }
}
