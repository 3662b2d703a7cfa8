#!/usr/bin/env bash
# Builds Release binaries into bin/: build.sh [service...]; all five by default.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt"
[[ $# -gt 0 ]] || set -- "${SERVICES[@]}"
for svc in "$@"; do known_service "$svc"; done

build=$ROOT/build/release
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake -S "$ROOT" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release > "$log" 2>&1 ||
  { cat "$log" >&2; die "cmake failed"; }
say "building ${*} (Release, $build)"
if [[ -t 1 ]]; then ninja -C "$build" "$@"
else ninja -C "$build" "$@" > "$log" 2>&1 || { tail -40 "$log" >&2; die "build failed"; }
fi
grep '^warning: ' "$log" || true   # Swagger UI could not be fetched

mkdir -p "$ROOT/bin"
for svc in "$@"; do
  # By rename, because a running binary cannot be overwritten.
  cmp -s "$build/bin/$svc" "$ROOT/bin/$svc" ||
    { cp "$build/bin/$svc" "$ROOT/bin/.$svc.new" && mv "$ROOT/bin/.$svc.new" "$ROOT/bin/$svc"; }
done
