#!/usr/bin/env bash
# What hostile clients cost: each attack's peak of memory, and all limits at once against the container's. About a
# minute.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
"$HOST/build.sh" apigw mqwriter mqreader
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$ROOT/tests/memory/exhaustion.py" "$@"
