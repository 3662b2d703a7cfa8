#!/usr/bin/env bash
# Regenerates .env.example and the table of docs/configuration.md from the options' declarations.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
cd "$ROOT"
cmake --preset release -DPROMPTED_TESTS=ON > /dev/null
ninja -C build/release settings
build/release/bin/settings write "$ROOT"
