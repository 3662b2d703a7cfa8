#!/usr/bin/env bash
# Crash test in a Release build: no message is lost and none is stored twice. Environment variables:
#   ROUNDS       rounds of faults (100); from 20 on, promotions, terminations and rewrites must have occurred
#   SEED         seed of faults and messages (random, printed)
#   RATE         maximum messages per second (2500)
#   READERS      shared (every mqreader may own every partition) or disjoint (a range each)
#   REPLICATION  async (what a promotion loses with the old primary is counted) or sync (it may lose nothing)
#   FAULTS       all, or comma-separated names; an unknown name lists the valid ones
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
cd "$ROOT"
build=build/crash
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROMPTED_TESTS=ON > /dev/null ||
  die "cmake failed: cmake -S . -B $build"
ninja -C "$build" crash_test
export ROUNDS=${ROUNDS:-100} SEED=${SEED:-} RATE=${RATE:-}
export READERS=${READERS:-} REPLICATION=${REPLICATION:-} FAULTS=${FAULTS:-}
exec "$build/bin/crash_test"
