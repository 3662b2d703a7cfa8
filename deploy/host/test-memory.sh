#!/usr/bin/env bash
# Measures what hostile clients cost: the peak memory of each attack, and of all limits at once against the container's
# limit. Takes about a minute.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
"$HOST/build.sh" apigw mqwriter mqreader
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$ROOT/tests/memory/exhaustion.py" "$@"
