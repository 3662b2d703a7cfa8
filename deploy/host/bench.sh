#!/usr/bin/env bash
# Compares the daemons' throughput with PostgreSQL's own: bench.sh [arguments of tests/bench/bench.py] bench.sh micro
# [arguments of Google Benchmark] | bench.sh compare [arguments of tests/bench/compare/compare.py]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-bench.txt"
"$HOST/build.sh"
build=$ROOT/build/bench/cmake
mkdir -p "$build"
log=$build/build.log
cmake -S "$ROOT" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPROMPTED_BENCH=ON > "$log" 2>&1 ||
  { cat "$log" >&2; die "cmake failed"; }
make_tool() {
  say "building $1 (Release, $build)"
  ninja -C "$build" "$1" > "$log" 2>&1 || { tail -40 "$log" >&2; die "build failed"; }
}

case ${1:-} in
  micro) shift; make_tool bench_micro; exec "$build/bin/bench_micro" "$@" ;;
  compare) shift; make_tool bench_load; exec python3 "$ROOT/tests/bench/compare/compare.py" "$@" ;;
  growth) shift; make_tool bench_load; exec python3 "$ROOT/tests/bench/growth.py" "$@" ;;
  *) make_tool bench_load; exec python3 "$ROOT/tests/bench/bench.py" "$@" ;;
esac
