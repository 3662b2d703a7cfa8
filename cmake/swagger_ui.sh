#!/usr/bin/env bash
# Swagger UI's files, gzip-coded: swagger_ui.sh VERSION INTEGRITY OUT OWN FILE...; each FILE becomes OUT/FILE.gz, from
# the directory OWN if it is there, else from the npm package swagger-ui-dist. The package is fetched once per machine,
# kept in ~/.cache/prompted and used only if its hash matches (to build an image offline, put it there). Without npm or
# its registry the build continues: OWN/without_npm.html is the page, the other files are empty, and OUT/complete is
# missing, so that the next build retries.
set -euo pipefail

version=$1 integrity=$2 out=$3 own=$4
shift 4
name=swagger-ui-dist-$version.tgz
cache=${XDG_CACHE_HOME:-${HOME:-$out}/.cache}/prompted

die() { printf 'error: %s\ncmake -DPROMPTED_SWAGGER_UI=OFF builds the daemons without Swagger UI\n' "$*" >&2; exit 1; }
sha512_of_file() { sha512sum "$1" | cut -d' ' -f1; }
# npm writes hashes in base64, other tools in hexadecimal.
wanted=$(printf '%s' "${integrity#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
right() { [[ -f $1 && $(sha512_of_file "$1") == "$wanted" ]]; }
# An unchanged file keeps its modification time, so that nothing is relinked.
put() { if cmp -s "$1" "$2"; then rm -f "$1"; else mv "$1" "$2"; fi; }

mkdir -p "$out"
rm -f "$out/complete"
scratch=$(mktemp -d "$out/.fetch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

without() {   # WHY FILE...
  printf 'warning: Swagger UI is left out, %s: /swagger/ says how to get it\n' "$1"
  shift
  for file in "$@"; do
    if [[ $file == index.html ]]; then gzip -9 -n -c "$own/without_npm.html"; fi > "$scratch/file.gz"
    put "$scratch/file.gz" "$out/$file.gz"
  done
  exit 0
}

package=$cache/$name
if ! right "$package"; then
  command -v npm > /dev/null || without "npm is not installed" "$@"
  printf 'fetching swagger-ui-dist %s with npm\n' "$version"
  (cd "$scratch" && npm pack --loglevel=error --ignore-scripts --fetch-retries=1 --fetch-retry-mintimeout=1000 \
    --fetch-timeout=30000 "swagger-ui-dist@$version") > "$scratch/npm.log" 2>&1 ||
    {
      reason=$(grep -m1 -oE '\b(E[A-Z_]{3,}|[45][0-9][0-9] [A-Z].*)' "$scratch/npm.log" || echo 'npm pack failed')
      without "npm cannot fetch swagger-ui-dist ($reason)" "$@"
    }
  package=$scratch/$name
  [[ -f $package ]] || die "npm pack made no $name"
  right "$package" || die "swagger-ui-dist $version does not have the hash $integrity"
  # By rename, so that no build sees a partial file. If it cannot be kept, the next build fetches it again.
  if mkdir -p "$cache" 2> /dev/null && cp "$package" "$cache/.$name.$$" 2> /dev/null; then
    mv "$cache/.$name.$$" "$cache/$name"; fi
fi

for file in "$@"; do
  if [[ -f $own/$file ]]; then cat "$own/$file"; else tar -xzOf "$package" "package/$file"; fi > "$scratch/file" ||
    die "swagger-ui-dist $version has no $file"
  gzip -9 -n -c "$scratch/file" > "$scratch/file.gz"
  put "$scratch/file.gz" "$out/$file.gz"
done
: > "$out/complete"
