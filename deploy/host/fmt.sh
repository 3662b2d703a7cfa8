#!/usr/bin/env bash
# Formats the code: C++ (comment lines over 120 characters are wrapped too) and Python.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/tools.sh"
source "$HOST/sources.sh"

"$HOST/packages.sh" "$HOST/packages-lint.txt"
install_ruff
cd "$ROOT"
cpp_files | xargs -r clang-format -i
ruff check --quiet --fix --select I . || true
ruff format --quiet .
