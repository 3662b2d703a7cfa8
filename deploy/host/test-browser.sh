#!/usr/bin/env bash
# Swagger UI of the three daemons in headless Chromium; pictures go to build/browser/. Needs no running stack, leaves none.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-browser.txt"
"$HOST/build.sh" apigw mqwriter mqreader
rm -rf "$ROOT/build/browser"

export PYTHONDONTWRITEBYTECODE=1
# Not whichever python3 is on PATH: Debian's, which python3-selenium is for.
exec /usr/bin/python3 "$ROOT/tests/browser/swagger_test.py" "$@"
