#!/usr/bin/env bash
# Formats the code.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/sources.sh"

"$HOST/packages.sh" "$HOST/packages-lint.txt"
cd "$ROOT"
cpp_files | xargs -r clang-format -i
