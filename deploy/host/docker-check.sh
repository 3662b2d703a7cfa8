#!/usr/bin/env bash
# Checks the Dockerfile and compose files without an engine: a linter, the specification's loader, the daemons' own
# check of their settings, and the rules of tests/docker. Also runs docker compose config -q if the client is installed.
# Tools are installed in build/docker.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

COMPOSE_GO_VERSION=v2.9.1
LINTER_VERSION=0.16.3
tools=$ROOT/build/docker
export PATH=$PATH:/usr/local/bin:/usr/local/go/bin

"$HOST/packages.sh" "$HOST/packages.txt"
command -v python3 > /dev/null || die "python3 is required"
mkdir -p "$tools"
if [[ ! -x $tools/compose-$COMPOSE_GO_VERSION ]]; then
  command -v go > /dev/null || die "installing compose-go requires go"
  say "installing compose-go"
  GOBIN=$tools go install "github.com/compose-spec/compose-go/v2/cmd@$COMPOSE_GO_VERSION"
  mv "$tools/cmd" "$tools/compose-$COMPOSE_GO_VERSION"
fi
linter=$tools/node_modules/dockerfile-utils
if ! grep -qs "\"version\": \"$LINTER_VERSION\"" "$linter/package.json"; then
  say "installing dockerfile-utils"
  npm install --prefix "$tools" --silent --no-save --ignore-scripts "dockerfile-utils@$LINTER_VERSION"
fi
for svc in "${SERVICES[@]}"; do [[ -x $ROOT/bin/$svc ]] || { "$HOST/build.sh"; break; }; done

found=$(node "$linter/bin/dockerfile-utils" lint "$ROOT/Dockerfile" || true)
[[ -z $found ]] || die "dockerfile-utils: $found"
say "  ok    dockerfile-utils lint Dockerfile"
if docker compose version > /dev/null 2>&1; then
  compose config -q
  compose -f docker-compose.yaml -f docker-compose.scale.yaml config -q
  say "  ok    docker compose config -q"
else
  say "  -     docker compose config -q: skipped, no docker compose client"
fi
COMPOSE_LOADER=$tools/compose-$COMPOSE_GO_VERSION exec python3 "$ROOT/tests/docker/check.py"
