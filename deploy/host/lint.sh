#!/usr/bin/env bash
# clang-format and clang-tidy over all files, changing nothing. LINT_BASE=main: clang-tidy over what differs from there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/sources.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt" "$HOST/packages-lint.txt"
cd "$ROOT"
cpp_files | xargs -r clang-format --dry-run -Werror || die "clang-format: run make fmt"
for script in $(git ls-files "*.sh") .ci/run; do bash -n "$script"; done

cmake --preset release -DPROMPTED_TESTS=ON > /dev/null
if [[ -n ${LINT_BASE:-} ]]; then
  files=$(git diff --name-only --diff-filter=d "$LINT_BASE" -- 'apps/*.cpp' 'libs/*.cpp')
else
  files=$(cpp_files | grep -E '^(apps|libs)/.*\.cpp$')
fi
[[ -n $files ]] || exit 0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
say "clang-tidy: $(wc -l <<< "$files") files"
# shellcheck disable=SC2086
if ! run-clang-tidy -quiet -p build/release -j "${LINT_JOBS:-$(nproc)}" $(sed 's/^/^.*\//; s/$/$/' <<< "$files") > "$log" 2>&1; then
  grep -E '(warning|error):' "$log" | sort -u >&2
  die "clang-tidy reported problems"
fi
say "lint: no problems"
