#!/usr/bin/env bash
# Headless Chromium: Swagger UI of the three daemons, and a page of another site that attacks them; pictures go to
# build/browser/. Needs no running stack, leaves none.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-browser.txt"
"$HOST/build.sh" apigw mqwriter mqreader
rm -rf "$ROOT/build/browser"

export PYTHONDONTWRITEBYTECODE=1
# Not whichever python3 is on PATH: Debian's, which python3-selenium is for.
for test in swagger_test other_site_test; do /usr/bin/python3 "$ROOT/tests/browser/$test.py" "$@"; done
