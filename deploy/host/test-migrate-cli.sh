#!/usr/bin/env bash
# migrate.sh and golang-migrate's CLI in turns on one database: either continues where the other stopped. Installs the
# CLI.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/tools.sh"

tools=$ROOT/build/tools
export PATH=$tools:$PATH:/usr/local/bin:/usr/local/go/bin

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
mkdir -p "$tools"
install_migrate "$tools"
cd "$ROOT"
cmake --preset release -DPROMPTED_TESTS=ON > /dev/null || die "cmake failed: cmake --preset release"
ninja -C build/release migrate_cli_test
ctest --test-dir build/release --output-on-failure -L '^migrate-cli$' "$@"
