#!/usr/bin/env bash
# Tests with headless Chromium: Swagger UI of the three daemons, and a hostile page of another site. Screenshots go to
# build/browser/. Needs no running stack and leaves none.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-browser.txt"
"$HOST/build.sh" apigw mqwriter mqreader
rm -rf "$ROOT/build/browser"

export PYTHONDONTWRITEBYTECODE=1
# Debian's python3, for which python3-selenium is installed, not whichever is on PATH.
for test in swagger_test other_site_test; do /usr/bin/python3 "$ROOT/tests/browser/$test.py" "$@"; done
