#!/usr/bin/env bash
# Swagger UI's files, gzip-coded: swagger_ui.sh VERSION INTEGRITY OUT OWN FILE...; each FILE becomes OUT/FILE.gz, from the
# directory OWN where it is there, else from the npm package swagger-ui-dist. The package is fetched once a machine: it is
# kept in ~/.cache/prompted and believed only when its hash is right (an image can be built offline by putting it there).
set -euo pipefail

version=$1 integrity=$2 out=$3 own=$4
shift 4
name=swagger-ui-dist-$version.tgz
cache=${XDG_CACHE_HOME:-${HOME:-$out}/.cache}/prompted
option="cmake -DPROMPTED_SWAGGER_UI=OFF builds the daemons without Swagger UI"

die() { printf 'error: %s\n%s\n' "$*" "$option" >&2; exit 1; }
sha512_of_file() { sha512sum "$1" | cut -d' ' -f1; }
# npm writes a hash in base64, everybody else in hexadecimal digits.
wanted=$(printf '%s' "${integrity#sha512-}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
right() { [[ -f $1 && $(sha512_of_file "$1") == "$wanted" ]]; }

mkdir -p "$out"
scratch=$(mktemp -d "$out/.fetch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

package=$cache/$name
if ! right "$package"; then
  command -v npm > /dev/null || die "swagger-ui-dist $version is fetched with npm, which is not installed"
  printf 'fetching swagger-ui-dist %s with npm\n' "$version"
  (cd "$scratch" && npm pack --loglevel=error --ignore-scripts "swagger-ui-dist@$version") > "$scratch/npm.log" 2>&1 ||
    { tail -15 "$scratch/npm.log" >&2; die "npm could not fetch swagger-ui-dist $version"; }
  package=$scratch/$name
  [[ -f $package ]] || die "npm pack made no $name"
  right "$package" || die "swagger-ui-dist $version does not have the hash $integrity"
  # By rename, so that no build sees half of it; where nothing can be kept, it is fetched again next time.
  if mkdir -p "$cache" 2> /dev/null && cp "$package" "$cache/.$name.$$" 2> /dev/null; then mv "$cache/.$name.$$" "$cache/$name"; fi
fi

for file in "$@"; do
  if [[ -f $own/$file ]]; then cat "$own/$file"; else tar -xzOf "$package" "package/$file"; fi > "$scratch/file" ||
    die "swagger-ui-dist $version has no $file"
  gzip -9 -n -c "$scratch/file" > "$scratch/file.gz"
  mv "$scratch/file.gz" "$out/$file.gz"
done
