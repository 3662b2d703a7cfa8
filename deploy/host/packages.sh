#!/usr/bin/env bash
# Installs missing Debian packages: packages.sh FILE...
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v dpkg-query > /dev/null || { say "dpkg not found; assuming that the packages of $* are installed"; exit 0; }

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }
# a|b: the one that is installed, else the first that this release has.
pick() {
  local candidate
  for candidate in ${1//|/ }; do installed "$candidate" && { printf '%s' "$candidate"; return; }; done
  for candidate in ${1//|/ }; do
    # apt also knows names that are only mentioned by others; these have no version.
    [[ $(LC_ALL=C apt-cache policy "$candidate" 2> /dev/null) =~ Candidate:\ [^\(] ]] &&
      { printf '%s' "$candidate"; return; }
  done
  printf '%s' "${1%%|*}"
}
missing_of() {   # needed | dispensable, FILE...
  local kind=$1 line name
  shift
  set -f   # no globbing: a ? is literal here; called in a subshell
  # shellcheck disable=SC2013   # splitting into words is intended: a line has one
  for line in $(sed 's/#.*//' "$@"); do
    # ~a: optional.
    if [[ $line == \~* ]]; then
      [[ $kind == dispensable ]] || continue
      line=${line#\~}
    else
      [[ $kind == needed ]] || continue
    fi
    # a?c: not needed if a command c is available, wherever it comes from.
    [[ $line != *\?* ]] || ! command -v "${line#*\?}" > /dev/null || continue
    name=$(pick "${line%%\?*}")
    installed "$name" || printf '%s ' "$name"
  done
}

missing=$(missing_of needed "$@") dispensable=$(missing_of dispensable "$@")
[[ -n $missing$dispensable ]] || exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then
  if command -v sudo > /dev/null && { [[ -t 0 ]] || sudo -n true 2> /dev/null; }; then as_root=(sudo)
  elif [[ -z $missing ]]; then say "warning: optional packages not installed: $dispensable"; exit 0
  else
    die "Debian packages are missing, and installing them requires root or sudo." \
      "Run as root: apt-get install $missing"
  fi
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
say "installing Debian packages: $missing$dispensable"
"${as_root[@]}" apt-get update -qq || say "apt-get update failed; continuing with the existing package lists"
missing=$(missing_of needed "$@")   # the choice between alternatives needs fresh lists
apt_install() {
  # shellcheck disable=SC2086
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 > "$log" 2>&1
}
if ! apt_install "$missing$dispensable"; then
  if [[ -z $dispensable ]] || ! apt_install "$missing"; then
    tail -5 "$log" >&2
    die "apt-get install failed for: $missing"
  fi
  for name in $dispensable; do   # one unavailable package must not block the others
    apt_install "$name" || say "warning: apt-get cannot install $name; continuing without it"
  done
fi
