# shellcheck shell=bash
# Sourced by the tests that try something out step by step (docker, helm). Set $log first: the output of the last
# command.

saw() { printf '  ok    %s\n' "$*"; }
# run COMMAND...: its seconds are in $took
# shellcheck disable=SC2034,SC2154   # $took is for, and $log from, who sources this
run() { local started=$SECONDS; "$@" > "$log" 2>&1 || die "failed: $*"; took=$((SECONDS - started)); }
# await SECONDS COMMAND...
await() {
  local deadline=$((SECONDS + $1)); shift
  until "$@" > "$log" 2>&1; do [[ $SECONDS -lt $deadline ]] || die "not within the time: $*"; sleep 0.5; done
}
# is TEXT COMMAND...: that is what it prints
is() { [[ $("${@:2}") == "$1" ]]; }
