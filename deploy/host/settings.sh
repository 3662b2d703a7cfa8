#!/usr/bin/env bash
# Regenerates .env.example and the README's configuration table (between its two markers) from the options' declarations.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-test.txt"
cd "$ROOT"
cmake --preset release -DPROMPTED_TESTS=ON > /dev/null
ninja -C build/release settings
settings=build/release/bin/settings

"$settings" env > .env.example.new && mv .env.example.new .env.example
begin='<!-- settings: begin (make settings) -->' end='<!-- settings: end -->'
grep -qF "$begin" README.md && grep -qF "$end" README.md || die "README.md lacks the markers $begin and $end"
"$settings" markdown > build/settings.md
awk -v begin="$begin" -v end="$end" -v table=build/settings.md '
  $0 == end { inside = 0 }
  !inside { print }
  $0 == begin { inside = 1; while ((getline line < table) > 0) print line }' README.md > README.md.new && mv README.md.new README.md
