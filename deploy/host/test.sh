#!/usr/bin/env bash
# Builds the tests in build/<kind> and runs them: test.sh tsan | asan | unit | coverage [ctest arguments...]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kind=${1:-}
case $kind in
  tsan) preset=tsan targets=() choice=(-LE '^migrate-cli$') ;;
  asan) preset=asan targets=() choice=(-L '^(unit|service)$') ;;
  unit) preset=dev targets=(unit_tests) choice=(-L '^unit$') ;;
  coverage) preset=coverage targets=() choice=(-LE '^migrate-cli$') ;;
  *) die "usage: test.sh tsan | asan | unit | coverage" ;;
esac
shift
"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
[[ $kind != coverage ]] || "$HOST/packages.sh" "$HOST/packages-coverage.txt"
cd "$ROOT"
build=build/$preset

# g++ 12's ThreadSanitizer does not start where vm.mmap_rnd_bits is above 28 (Ubuntu 24.04 has 32). The build also runs
# the tests, to list them.
fixed_addresses=()
if [[ $kind == tsan ]] && setarch -R true 2> /dev/null; then fixed_addresses=(setarch -R); fi

cmake --preset "$preset" > /dev/null || die "cmake failed: cmake --preset $preset"
"${fixed_addresses[@]}" ninja -C "$build" "${targets[@]}"
[[ $kind != coverage ]] || find "$build" -name '*.gcda' -delete
status=0
"${fixed_addresses[@]}" ctest --test-dir "$build" --output-on-failure -j "${TEST_JOBS:-2}" "${choice[@]}" "$@" ||
  status=$?

if [[ $kind == coverage ]]; then
  # Daemons are included: they write their counters on exit. Killed processes may have left a truncated file behind.
  gcovr --root "$ROOT" --filter "$ROOT/libs/" --filter "$ROOT/apps/" --object-directory "$build" \
    --exclude-throw-branches --gcov-ignore-parse-errors --html-details build/coverage/index.html --print-summary
  say "report: $ROOT/build/coverage/index.html"
fi
exit "$status"
