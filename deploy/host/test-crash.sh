#!/usr/bin/env bash
# The proof that nothing is lost and nothing comes twice, in a Release build. From the environment:
#   ROUNDS       how many rounds of faults (100); from 20 on, chance must have dealt promotions, terminations, rewrites
#   SEED         which faults and messages (random, printed)
#   RATE         messages a second, at most (2500)
#   READERS      shared (every mqreader may own every partition) or disjoint (a range each)
#   REPLICATION  async (what a promotion loses with the old primary is counted) or sync (it may lose nothing)
#   FAULTS       all, or names with commas between; a name that it does not know makes it list them
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
