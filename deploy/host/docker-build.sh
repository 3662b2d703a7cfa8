#!/usr/bin/env bash
# Builds the images with docker alone: docker-build.sh [service...]; all five by default, as prompted-<service>:latest
# and prompted-<service>:<version>. IMAGE_PREFIX=registry.example/team/ goes in front of the names.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v docker > /dev/null || die "docker is not installed"
docker buildx version > /dev/null 2>&1 || die "the Dockerfile requires BuildKit; install docker-buildx"
[[ $# -gt 0 ]] || set -- "${SERVICES[@]}"
for svc in "$@"; do known_service "$svc"; done

version=$(version_of_checkout)
cd "$ROOT"
for svc in "$@"; do
  name=${IMAGE_PREFIX:-}prompted-$svc
  BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --build-arg "SERVICE=$svc" --build-arg "VERSION=$version" \
    -t "$name:latest" -t "$name:${version//[^A-Za-z0-9_.-]/-}" .
done
for svc in "$@"; do
  docker image ls --format '{{.Repository}}:{{.Tag}}  {{.Size}}' "${IMAGE_PREFIX:-}prompted-$svc:latest"
done
