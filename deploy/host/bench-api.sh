#!/usr/bin/env bash
# Measures the cost of apigw's reads relative to libpq: bench-api.sh [arguments of tests/bench/api.py]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-bench.txt"
"$HOST/build.sh" apigw
exec python3 "$ROOT/tests/bench/api.py" "$@"
