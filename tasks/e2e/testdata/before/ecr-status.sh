#!/usr/bin/env bash
# What ecr:status replaces: existence, address, creation date and the newest images of each repository.
# Usage: ecr-status.sh [REGION] [PROFILE] [REPOSITORY…]
set -euo pipefail
region=${1:-us-west-2} profile=${2:-avive-cfndev-k8s}
shift $(($# < 2 ? $# : 2))
(($#)) || set -- cfndev-envoy-proxy-poc-app cfndev-envoy-proxy-poc-client
for repository in "$@"; do
  aws ecr describe-repositories --region "$region" --profile "$profile" --repository-names "$repository" \
    --query 'repositories[0].[repositoryName,repositoryUri,createdAt]' --output table
  aws ecr describe-images --region "$region" --profile "$profile" --repository-name "$repository" \
    --query 'reverse(sort_by(imageDetails,&imagePushedAt))[:10].[imageTags[0],imageDigest,imagePushedAt,imageSizeInBytes]' --output table
done
