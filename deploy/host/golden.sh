#!/usr/bin/env bash
# Regenerates tests/golden: the families of each daemon's /metrics, and its --help.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
cd "$ROOT"
cmake --preset release -DPROMPTED_TESTS=ON > /dev/null
ninja -C build/release golden_tests
UPDATE_GOLDEN=1 build/release/bin/golden_tests --gtest_brief=1
