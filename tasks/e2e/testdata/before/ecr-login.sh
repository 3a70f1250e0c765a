#!/usr/bin/env bash
# What ecr:login replaces: the AWS CLI's token piped into docker login.
# Usage: ecr-login.sh [REGION] [PROFILE]; DOCKER names the command, ECR_REGISTRY a registry that is not AWS's.
set -euo pipefail
region=${1:-us-west-2} profile=${2:-avive-cfndev-k8s}
account=$(aws sts get-caller-identity --region "$region" --profile "$profile" --query Account --output text)
registry=${ECR_REGISTRY:-$account.dkr.ecr.$region.amazonaws.com}
aws ecr get-login-password --region "$region" --profile "$profile" |
  "${DOCKER:-docker}" login --username AWS --password-stdin "$registry"
