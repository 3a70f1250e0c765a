#!/usr/bin/env bash
# What ecr:cleanup replaces, repaired so far that it gets past 100 images: all ids of a page in one call, failures ignored.
# Usage: CLEANUP_MODE=true ecr-cleanup.sh [REGION] [PROFILE] [REPOSITORY…]
set -euo pipefail
[[ ${CLEANUP_MODE:-} == true ]] || { echo "CLEANUP_MODE is not true" >&2; exit 1; }
region=${1:-us-west-2} profile=${2:-avive-cfndev-k8s}
shift $(($# < 2 ? $# : 2))
(($#)) || set -- cfndev-envoy-proxy-poc-app cfndev-envoy-proxy-poc-client
for repository in "$@"; do
  while :; do
    ids=$(aws ecr list-images --region "$region" --profile "$profile" --repository-name "$repository" \
      --max-items 100 --query imageIds --output json)
    [[ $ids == '[]' || $ids == null ]] && break
    aws ecr batch-delete-image --region "$region" --profile "$profile" --repository-name "$repository" --image-ids "$ids" >/dev/null
  done
done
