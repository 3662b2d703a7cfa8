#!/usr/bin/env bash
# Installs the Debian packages that are missing: packages.sh FILE...
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v dpkg-query > /dev/null || { say "no dpkg here: taking the packages of $* for installed"; exit 0; }

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
# a|b: one that is installed, else the first that this release has.
pick() {
  local candidate
  for candidate in ${1//|/ }; do installed "$candidate" && { printf '%s' "$candidate"; return; }; done
  for candidate in ${1//|/ }; do
    apt-cache show "$candidate" > /dev/null 2>&1 && { printf '%s' "$candidate"; return; }
  done
  printf '%s' "${1%%|*}"
}
missing_of() {
  local line name
  set -f   # a ? is no wildcard here; called in a subshell
  for line in $(sed 's/#.*//' "$@"); do
    # a?c: not where a command c is at hand, whoever brought it.
    [[ $line != *\?* ]] || ! command -v "${line#*\?}" > /dev/null || continue
    name=$(pick "${line%%\?*}")
    installed "$name" || printf '%s ' "$name"
  done
}

missing=$(missing_of "$@")
[[ -n $missing ]] || exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then
  if command -v sudo > /dev/null && { [[ -t 0 ]] || sudo -n true 2> /dev/null; }; then as_root=(sudo); else
    die "Debian packages are missing and neither root nor sudo is at hand; as root: apt-get install $missing"
  fi
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
say "installing Debian packages: $missing"
"${as_root[@]}" apt-get update -qq || say "apt-get update failed: trying with the lists that are here"
missing=$(missing_of "$@")   # with fresh lists the choice between alternatives is right
# shellcheck disable=SC2086
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing > "$log" 2>&1 ||
  { tail -5 "$log" >&2; die "apt-get install failed for: $missing"; }
