#!/usr/bin/env bash
# Regenerates docs/openapi/*.json from the daemons' route tables.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
cd "$ROOT"
cmake --preset release -DPROMPTED_TESTS=ON > /dev/null
ninja -C build/release openapi
mkdir -p docs/openapi
build/release/bin/openapi write docs/openapi
