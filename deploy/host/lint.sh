#!/usr/bin/env bash
# Runs all linters without changing anything: clang-format, shellcheck, ruff, the 120-character line limit, and
# clang-tidy (with LINT_BASE=main, only for files that differ from main).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/tools.sh"
source "$HOST/sources.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt" "$HOST/packages-lint.txt"
install_ruff
cd "$ROOT"
cpp_files | xargs -r clang-format --dry-run -Werror || die "clang-format: run make fmt"
bash_files | xargs -r shellcheck || die "shellcheck found something"
# SC2012 is excluded, because ls is safe there: the file names are known.
sh_files | xargs -r shellcheck --shell=sh --exclude=SC2012 || die "shellcheck found something"
ruff format --quiet --check . || die "ruff: run make fmt"
ruff check --quiet . || die "ruff found something"
long=$(long_lines)
[[ -z $long ]] || { printf '%s\n' "$long" >&2; die "$(wc -l <<< "$long") lines have more than 120 characters"; }

cmake --preset release -DPROMPTED_TESTS=ON > /dev/null
if [[ -n ${LINT_BASE:-} ]]; then
  mapfile -t files < <(git diff --name-only --diff-filter=d "$LINT_BASE" -- 'apps/*.cpp' 'libs/*.cpp')
else
  mapfile -t files < <(cpp_files | grep -E '^(apps|libs)/.*\.cpp$')
fi
((${#files[@]} > 0)) || exit 0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
say "clang-tidy: ${#files[@]} files"
files=("${files[@]/#/^.*/}")
if ! run-clang-tidy -quiet -p build/release -j "${LINT_JOBS:-$(nproc)}" "${files[@]/%/$}" > "$log" 2>&1; then
  grep -E '(warning|error):' "$log" | sort -u >&2
  die "clang-tidy reported problems"
fi
say "lint: no problems"
