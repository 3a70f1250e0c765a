#!/usr/bin/env bash
# What stood in place of push:app and push:client: compile, docker build, docker push. One tag only, to its advantage.
# Usage: build-and-push.sh REGISTRY NAME=REPOSITORY…; DOCKER names the command.
set -euo pipefail
registry=$1
shift
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
for pair in "$@"; do
  app=${pair%%=*} image=$registry/${pair#*=}:latest
  CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o "$context/program" "./apps/$app"
  printf 'FROM scratch\nCOPY program /program\nUSER 65532\nENTRYPOINT ["/program"]\n' >"$context/Dockerfile"
  "${DOCKER:-docker}" build --quiet --tag "$image" "$context"
  "${DOCKER:-docker}" push --quiet "$image"
done
