#!/usr/bin/env bash
# Tests the daemons against their OpenAPI documents: calls and checks every operation, then runs schemathesis. Arguments
# go to the schemathesis run: --examples N, --seed N. Needs no running stack and leaves none.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/tools.sh"

venv=$ROOT/build/venv-contract
"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-contract.txt"
# One environment for both, with the same versions on every release; openapi-spec-validator depends on jsonschema.
python_environment "$venv" \
  schemathesis==4.32.5 openapi-spec-validator==0.9.0 openapi-schema-validator==0.9.0 rfc3339-validator==0.1.4
"$HOST/build.sh" apigw mqwriter mqreader

export PYTHONDONTWRITEBYTECODE=1
exec "$venv/bin/python" "$ROOT/tests/contract" "$@"
