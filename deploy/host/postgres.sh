# shellcheck shell=bash
# Sourced: a private PostgreSQL cluster in .run/pg, on loopback, with user and database `prompted`.
PG_LINK=$RUN/pg
# The server's user may not be able to follow the link itself.
PG_HOME=$(readlink -f "$PG_LINK" || printf '%s' "$PG_LINK")
PG_PORT_FILE=$RUN/postgres.port

# The programs of the version that created the cluster, even if a newer version is installed later; the newest for a new
# cluster.
pg_bin() {
  local version
  if version=$(cat "$PG_HOME/data/PG_VERSION" 2> /dev/null); then
    [[ -x /usr/lib/postgresql/$version/bin/postgres ]] ||
      die "the data in $PG_HOME was created by PostgreSQL $version, which is not installed;" \
        "install postgresql-$version, or delete the data with make down-clean"
    printf '%s' "/usr/lib/postgresql/$version/bin"
  else
    find /usr/lib/postgresql -maxdepth 3 -path '*/bin/postgres' 2> /dev/null |
      sort -t/ -k5 -n | tail -1 | xargs -r dirname
  fi
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [[ $EUID -ne 0 ]]; then (cd / && "$@" 9>&-); else
    (cd / && setpriv --reuid postgres --regid postgres --init-groups -- "$@" 9>&-)
  fi
}

# The DSN of the owner, who migrates; with a service, of that service's role.
postgres_url() {
  local user=prompted password=prompted
  if [[ -n ${1:-} ]]; then user=prompted_$1 password=$(encoded "$(role_password "$1")"); fi
  printf 'postgres://%s:%s@localhost:%s/prompted?sslmode=disable' "$user" "$password" "$(< "$PG_PORT_FILE")"
}
# MQWRITER_DB_PASSWORD and so on. The default is a public password, like the owner's, because the cluster listens on
# loopback only.
role_password() { local variable=${1^^}_DB_PASSWORD; printf '%s' "${!variable:-prompted}"; }
ROLE_PASSWORDS=(MQWRITER_DB_PASSWORD MQREADER_DB_PASSWORD COLLECTOR_DB_PASSWORD APIGW_DB_PASSWORD)
make_roles() (   # a subshell, so that no daemon inherits the passwords
  for variable in "${ROLE_PASSWORDS[@]}"; do export "$variable=${!variable:-prompted}"; done
  export PRIVATE_DATABASE=yes ROLE_PREFIX=
  # shellcheck disable=SC2030   # intended
  DATABASE_URL=$(postgres_url)
  export DATABASE_URL
  "$HOST/roles.sh" > "$LOGS/roles.log" 2>&1 ||
    { cat "$LOGS/roles.log" >&2; die "failed to create the daemons' database roles"; }
)
postgres_running() { [[ -n $(postgres_pid) ]]; }
postgres_pid() {
  local pid
  pid=$(head -1 "$PG_HOME/data/postmaster.pid" 2>/dev/null) || return 0
  # A postmaster's working directory is its data directory, unlike that of an unrelated process with a recycled id.
  [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$(readlink -f "$PG_HOME/data")" ]] && printf '%s' "$pid"
  return 0
}

# The server's user must be able to reach its data: a checkout under /root has it in /var/tmp, linked from .run.
make_home() {
  [[ -e $PG_HOME/data ]] && return
  rm -f "$PG_LINK"
  PG_HOME=$PG_LINK
  if [[ $EUID -ne 0 ]]; then mkdir -p "$PG_HOME"; return; fi
  id postgres > /dev/null 2>&1 ||
    die "PostgreSQL does not run as root, and there is no user postgres; install the package postgresql"
  if as_postgres test -x "$RUN" 2> /dev/null; then
    mkdir -p "$PG_HOME"
  else
    PG_HOME=/var/tmp/prompted-$(printf '%s' "$ROOT" | sha256sum | cut -c1-12)
    mkdir -p "$PG_HOME"
    ln -sfn "$PG_HOME" "$PG_LINK"
  fi
  chown postgres: "$PG_HOME"
}

make_cluster() {
  local bin=$1 password
  [[ -f $PG_HOME/data/PG_VERSION ]] && return
  say "creating a private PostgreSQL cluster in $PG_HOME"
  password=$(mktemp)
  printf 'prompted\n' > "$password"
  [[ $EUID -ne 0 ]] || chown postgres: "$password"
  as_postgres rm -rf "$PG_HOME/data"
  as_postgres "$bin/initdb" -D "$PG_HOME/data" -U prompted --auth=scram-sha-256 --pwfile="$password" \
    --encoding=UTF8 --locale=C.UTF-8 \
    > "$LOGS/initdb.log" 2>&1 || { rm -f "$password"; tail -5 "$LOGS/initdb.log" >&2; die "initdb failed"; }
  rm -f "$password"
}

free_port() {
  local port
  for port in 5432 $(shuf -i 20000-32000 -n 50); do port_in_use "$port" || { printf '%s' "$port"; return; }; done
  die "no free port for PostgreSQL; set POSTGRES_PORT"
}

start_postgres() {
  local bin port
  if postgres_running; then return; fi
  bin=$(pg_bin) || exit 1
  [[ -n $bin ]] || die "no PostgreSQL server in /usr/lib/postgresql; install the package postgresql"
  if [[ -n ${POSTGRES_PORT:-} ]]; then
    port_in_use "$POSTGRES_PORT" && die "port $POSTGRES_PORT is in use; set POSTGRES_PORT to another port"
    port=$POSTGRES_PORT
  else
    port=$(free_port)
  fi
  make_home
  make_cluster "$bin"
  printf '%s\n' "$port" > "$PG_PORT_FILE"
  start_logger postgres
  as_postgres "$bin/pg_ctl" -D "$PG_HOME/data" -w -t 60 -s \
    -o "-p $port -c listen_addresses=localhost -c unix_socket_directories= -c max_connections=200" start \
    > "$(log_pipe postgres)" 2>&1 ||
    {
      settle_log postgres 2 || true
      tail -5 "$LOGS/postgres.log" >&2
      die "PostgreSQL failed to start (log: $LOGS/postgres.log)"
    }
  export PGPASSWORD=prompted
  local psql=(psql -X -q -At -h localhost -p "$port" -U prompted -d postgres)
  [[ $("${psql[@]}" -c "SELECT 1 FROM pg_database WHERE datname = 'prompted'") == 1 ]] ||
    "${psql[@]}" -c 'CREATE DATABASE prompted'
  unset PGPASSWORD
}

stop_postgres() {
  local bin
  postgres_running || return 0
  bin=$(pg_bin) || exit 1
  as_postgres "$bin/pg_ctl" -D "$PG_HOME/data" -w -t 60 -s -m fast stop
}

wipe_postgres() {
  if [[ $PG_HOME == "$RUN"/* || $PG_HOME == /var/tmp/prompted-* ]]; then rm -rf "$PG_HOME"; fi
  rm -rf "$PG_LINK" "$PG_PORT_FILE"
}

# Sets DATABASE_URL: from the environment, .env, the private cluster (with a service, for its role), else the daemons'
# default.
# shellcheck disable=SC2120,SC2031   # [SERVICE] is run.sh's alone; make_roles() keeps its own DATABASE_URL
find_database() {   # [SERVICE]
  load_env
  if [[ -z ${DATABASE_URL:-} && -f $PG_PORT_FILE ]]; then DATABASE_URL=$(postgres_url "$@"); fi
  export DATABASE_URL=${DATABASE_URL:-postgres://prompted:prompted@localhost:5432/prompted?sslmode=disable}
}

# Moves the password from DATABASE_URL to PGPASSWORD, for psql and golang-migrate's CLI, because any user of the machine
# can read a process's arguments. Accepts what libpq and lib/pq accept: a URL, or name=value words.
hide_password() {
  local password='' found=false
  local words="^(.*[[:space:]])password[[:space:]]*=[[:space:]]*"
  words+="('(([^'\\\\]|\\\\.)*)'|(\\\\.|[^[:space:]'\\\\])+)(.*)\$"
  if [[ $DATABASE_URL =~ ^(postgres(ql)?://[^:@/]*):([^@/]*)(@.*)$ ]]; then
    DATABASE_URL=${BASH_REMATCH[1]}${BASH_REMATCH[4]} password=$(decoded "${BASH_REMATCH[3]}") found=true
  fi
  if [[ $DATABASE_URL =~ ^(postgres(ql)?://.*[?\&])password=([^\&#]*)\&?(.*)$ ]]; then
    DATABASE_URL=${BASH_REMATCH[1]}${BASH_REMATCH[4]} password=$(decoded "${BASH_REMATCH[3]}") found=true
    DATABASE_URL=${DATABASE_URL%[?&]}
  elif [[ $DATABASE_URL != postgres*://* && " $DATABASE_URL" =~ $words ]]; then
    DATABASE_URL=${BASH_REMATCH[1]# }${BASH_REMATCH[6]} found=true
    password=${BASH_REMATCH[3]:-${BASH_REMATCH[2]}}
    [[ $password != "''" ]] || password=
    # shellcheck disable=SC2001   # ${//} has no groups
    password=$(sed 's/\\\(.\)/\1/g' <<< "$password")
  fi
  if $found; then export PGPASSWORD=$password; fi
}
