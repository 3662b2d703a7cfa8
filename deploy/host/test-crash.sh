#!/usr/bin/env bash
# The proof that nothing is lost and nothing comes twice, in a Release build: ROUNDS (100), SEED (random, printed),
# RATE (messages a second at most), READERS (shared or disjoint ranges).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
cd "$ROOT"
build=build/crash
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROMPTED_TESTS=ON > /dev/null || die "cmake failed: cmake -S . -B $build"
ninja -C "$build" crash_test
export ROUNDS=${ROUNDS:-100}
exec "$build/bin/crash_test"
