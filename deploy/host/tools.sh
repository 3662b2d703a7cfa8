# shellcheck shell=bash
# Sourced after common.sh: tools that Debian lacks, or has in another version, installed in build/.
MIGRATE_VERSION=v4.19.1   # golang-migrate's CLI: run by the charts' Job, and compared with migrate.sh

# go_install PROGRAM DIRECTORY ARGUMENTS-OF-GO-INSTALL...: unless it is on PATH already
go_install() {
  local program=$1 directory=$2
  shift 2
  command -v "$program" > /dev/null && return
  command -v go > /dev/null || die "installing $program requires go (Go 1.24 or later, or golang-go of Debian 13)"
  say "installing $program"
  GOBIN=$directory go install "$@"
}
install_migrate() {
  go_install migrate "$1" -tags 'postgres,file' "github.com/golang-migrate/migrate/v4/cmd/migrate@$MIGRATE_VERSION"
}

# python_environment DIRECTORY PACKAGE==VERSION...: rebuilt when the list changes
python_environment() {
  local directory=$1 wanted
  shift
  wanted="$*"
  [[ -x $directory/bin/python && $(cat "$directory/packages" 2> /dev/null) == "$wanted" ]] && return
  say "installing $wanted"
  rm -rf "$directory"
  python3 -m venv "$directory"
  "$directory/bin/pip" install -q --disable-pip-version-check "$@"
  printf '%s' "$wanted" > "$directory/packages"
}
