#!/usr/bin/env bash
# `openapi check` passes what `openapi write` wrote, and names the file, the line and the cure of what was changed
# since.
set -euo pipefail
openapi=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "error: $*" >&2; exit 1; }

"$openapi" write "$scratch"
"$openapi" check "$scratch" || fail "what was just written differs"
sed -i '5s/$/ /' "$scratch/mqreader.json"
rm "$scratch/mqwriter.json"
said=$("$openapi" check "$scratch" 2>&1) && fail "a change was not found"
[[ $said == *"mqreader.json differs from the code from line 5: run make swagger"* ]] || fail "$said"
[[ $said == *"mqwriter.json is missing: run make swagger"* ]] || fail "$said"
[[ $said != *apigw* ]] || fail "$said"
