# shellcheck shell=bash
# Sourced by every script here: paths, messages, settings and ports.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034   # used by scripts that source this
HOST=$ROOT/deploy/host
RUN=$ROOT/.run                     # everything that `make up` creates, except the build
# shellcheck disable=SC2034
LOGS=$RUN/logs
SERVICES=(mqwriter mqreader apigw collector streamer)   # in the order in which they start

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# .env: NAME=value lines, quotes and `export` allowed; variables already in the environment win.
load_env() {
  local line name value
  [[ -f $ROOT/.env ]] || return 0
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
    name=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
    value=${value%$'\r'}
    if [[ $value =~ ^\"(.*)\"[[:space:]]*$ || $value =~ ^\'(.*)\'[[:space:]]*$ ]]; then
      value=${BASH_REMATCH[1]}
    else
      value=${value%%[[:space:]]#*}
      value=${value%"${value##*[![:space:]]}"}
    fi
    [[ -n ${!name:-} ]] || export "$name=$value"
  done < "$ROOT/.env"
}

# The port of each service: from its variable, else from the running stack, else the default.
port_variable() { local upper=${1^^}; printf '%s_PORT' "$upper"; }
default_port() {
  case $1 in
    apigw) echo 8080 ;;
    streamer) echo 8082 ;;
    collector) echo 8083 ;;
    mqwriter) echo 8084 ;;
    mqreader) echo 8085 ;;
    postgres) echo 5432 ;;
  esac
}
port_of() {
  local variable recorded=
  variable=$(port_variable "$1")
  [[ -f $RUN/$1.port ]] && recorded=$(< "$RUN/$1.port")
  printf '%s' "${!variable:-${recorded:-$(default_port "$1")}}"
}
# The running stack's addresses, recorded by `make up`. A stack that listens on a single address is reachable only
# there.
host_of_address() {
  case $1 in '' | :: | 0.0.0.0 | 127.0.0.1) printf localhost ;; *:*) printf '[%s]' "$1" ;; *) printf '%s' "$1" ;; esac
}
url_of() {
  local host=
  [[ ! -f $RUN/host ]] || host=$(< "$RUN/host")
  printf 'http://%s:%s' "${host:-localhost}" "$(port_of "$1")"
}

# Percent-encodes a text for a URL, and decodes it.
encoded() {
  local LC_ALL=C i c
  for ((i = 0; i < ${#1}; ++i)); do
    c=${1:i:1}
    if [[ $c == [A-Za-z0-9._~-] ]]; then printf '%s' "$c"; else printf '%%%02X' "'$c"; fi
  done
}
decoded() { local text=${1//\\/\\\\}; printf '%b' "${text//%/\\x}"; }

# Whether a process listens on this TCP port. Reads /proc, so it needs no tool and opens no connection.
port_in_use() {
  local hex
  hex=$(printf '%04X' "$1")
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port=":$hex" '
    $4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'
}

# Process ids are recorded with the process's start time, so that a recycled id is never mistaken for the recorded
# process.
started_at() { sed -n 's/^.*) //p' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
remember_pid() { printf '%s %s\n' "$2" "$(started_at "$2")" > "$RUN/$1.pid"; }
pid_of() {   # prints the id of a service started here; fails if it is not running
  local pid start state
  [[ -f $RUN/$1.pid ]] || return 1
  read -r pid start < "$RUN/$1.pid" || return 1
  [[ -n $start && $(started_at "$pid") == "$start" ]] || return 1
  state=$(sed -n 's/^.*) //p' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f1) || return 1
  [[ $state != Z ]] || return 1
  printf '%s' "$pid"
}
any_running() { local svc; for svc in "${SERVICES[@]}"; do pid_of "$svc" > /dev/null && return 0; done; return 1; }
all_running() { local svc; for svc in "${SERVICES[@]}"; do pid_of "$svc" > /dev/null || return 1; done; }

fetch() { curl --noproxy '*' -fsS --max-time 5 "$@"; }
status_of() { curl --noproxy '*' -s -o /dev/null --max-time 5 -w '%{http_code}' "$1" || true; }

# Docker is used if there is a compose file and a running engine.
compose_available() {
  [[ ${UP_MODE:-auto} != host && -f $ROOT/docker-compose.yaml ]] && command -v docker > /dev/null &&
    timeout 10 docker info > /dev/null 2>&1 && docker compose version > /dev/null 2>&1
}
# This checkout's version from git, because the images are built without .git.
version_of_checkout() { git -C "$ROOT" describe --always --dirty --tags 2> /dev/null || printf unknown; }
compose() { (cd "$ROOT" && PROMPTED_VERSION=${PROMPTED_VERSION:-$(version_of_checkout)} exec docker compose "$@"); }

# STREAMER_CSV_PATH, relative to the current directory or the checkout; defaults to the sample.
find_csv() {
  CSV=${STREAMER_CSV_PATH:-$ROOT/samples/telemetry.csv}
  [[ $CSV == /* ]] || { [[ -f $CSV ]] && CSV=$PWD/$CSV || CSV=$ROOT/$CSV; }
  [[ -f $CSV && -r $CSV ]] || die "STREAMER_CSV_PATH: cannot read $CSV"
}

known_service() {
  local svc
  for svc in "${SERVICES[@]}"; do [[ $svc == "$1" ]] && return 0; done
  die "unknown service $1; services: ${SERVICES[*]}"
}

# One `make up` or `make down` at a time. Children are started with `9>&-`, so that they do not hold the lock.
take_lock() {
  mkdir -p "$RUN"
  exec 9> "$RUN/lock"
  flock -n 9 && return
  say "waiting for another make up or make down in this checkout"
  flock 9
}
