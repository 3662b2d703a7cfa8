#!/usr/bin/env bash
# Builds the tests in build/<kind> and runs them: test.sh tsan | asan | coverage [ctest arguments...]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kind=${1:-}
[[ $kind =~ ^(tsan|asan|coverage)$ ]] || die "usage: test.sh tsan | asan | coverage"
shift
"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
cd "$ROOT"
build=build/$kind
cmake --preset "$kind" > /dev/null || die "cmake failed: cmake --preset $kind"
ninja -C "$build"

arguments=(--test-dir "$build" --output-on-failure -j "${TEST_JOBS:-2}")
case $kind in
  asan) arguments+=(-L '^(unit|service)$') ;;
  coverage) find "$build" -name '*.gcda' -delete ;;
esac
status=0
ctest "${arguments[@]}" "$@" || status=$?

if [[ $kind == coverage ]]; then
  # Daemons count too: they write their counters when they end. Ended processes may have left a torn file behind.
  gcovr --root "$ROOT" --filter "$ROOT/libs/" --filter "$ROOT/apps/" --object-directory "$build" --exclude-throw-branches \
    --gcov-ignore-parse-errors --html-details build/coverage/index.html --print-summary
  say "report: $ROOT/build/coverage/index.html"
fi
exit "$status"
