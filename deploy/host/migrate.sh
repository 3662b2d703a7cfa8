#!/usr/bin/env bash
# Runs migrations like golang-migrate: with its CLI or, without it, with psql and the same table, lock and commands:
#   migrate.sh up [N] | down [N] (one step) | create NAME | version | force V
# MIGRATE_WITH=psql ignores the CLI; MIGRATIONS_PATH sets another directory.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/dsn.sh"
source "$HOST/postgres.sh"

MIGRATIONS=${MIGRATIONS_PATH:-$ROOT/migrations}
NIL=-1   # golang-migrate's "no version"

sql() { PGOPTIONS='-c client_min_messages=warning' psql -X -q -At -v ON_ERROR_STOP=1 -d "$PSQL_DSN" "$@"; }

# golang-migrate's advisory lock (database/util.go: CRC-32 of schema, table and the URL's path, times a salt), held by a
# session that ends with this script, so that the two never run at the same time.
take_migration_lock() {
  local names crc slash=
  [[ $DATABASE_URL =~ ^postgres(ql)?://[^/]*/[^?] ]] && slash=/   # it uses the path, slash included, as the name
  names=$(sql -c "SELECT concat_ws(chr(1), current_schema(), 'schema_migrations', '$slash' || current_database())") ||
    die "cannot reach the database"
  crc=$(tr '\1' '\0' <<< "$names" | head -c -1 | gzip -c | tail -c 8 | od -An -N4 -tu4 --endian=little)
  coproc LOCK { PGOPTIONS='-c client_min_messages=warning' psql -X -q -At -v ON_ERROR_STOP=1 -d "$PSQL_DSN" 2>&1; }
  printf "SELECT pg_advisory_lock(%s) IS NOT NULL;\n" $(((crc * 1486364155) % 4294967296)) >&"${LOCK[1]}"
  if ! read -r names <&"${LOCK[0]}" || [[ $names != t ]]; then die "can't acquire database lock"; fi
  sql -c 'CREATE TABLE IF NOT EXISTS schema_migrations (version bigint not null primary key, dirty boolean not null)'
}

read_version() {   # sets VERSION and DIRTY
  local row
  row=$(sql -F ' ' -c 'SELECT version, dirty FROM schema_migrations LIMIT 1')
  VERSION=${row%% *} DIRTY=${row##* }
  VERSION=${VERSION:-$NIL} DIRTY=${DIRTY:-f}
}

# Another system's version numbers mean something different. Each migration here leaves something that identifies it; a
# dirty one has left nothing yet. Checked without a lock, to change nothing: if the version changes meanwhile, the check
# is retried.
refuse_foreign_schema() {
  local now found
  while :; do
    now=$(applied_version) || die "cannot reach the database"
    found=$(sql -v "version=${now:-$NIL}" <<'SQL'
SELECT 'telemetry has the column msg_uuid' FROM pg_attribute
 WHERE attrelid = to_regclass('telemetry') AND attname = 'msg_uuid' AND NOT attisdropped
UNION ALL
SELECT 'there is no table ' || made.name
  FROM (VALUES (1, 'queue_messages'), (1, 'telemetry'), (5, 'queue_incarnation'), (6, 'dead_letters'),
               (7, 'queue_readers'),
               (7, 'queue_partitions'), (11, 'queue_settings')) AS made (version, name)
 WHERE made.version <= :version AND to_regclass(made.name) IS NULL
 LIMIT 1;
SQL
    ) || die "cannot reach the database"
    [[ -n $found ]] || return 0
    [[ $(applied_version) != "$now" ]] || break
  done
  die "this database is another system's: version ${now:-none}, and $found. Nothing was changed." \
    "Use an empty database, or one of the earlier system at version 3"
}
applied_version() {   # the newest version whose file has run; empty without golang-migrate's table
  local there
  there=$(sql -c "SELECT to_regclass('schema_migrations') IS NOT NULL") || return
  [[ $there == t ]] || return 0
  sql -c 'SELECT version - dirty::int FROM schema_migrations LIMIT 1'
}

refuse_dirty() {
  [[ $DIRTY != t ]] || die "Dirty database version $VERSION. Fix and force version."
}
set_version() {   # VERSION DIRTY: the table holds one row, or none for "no version"
  local insert="INSERT INTO schema_migrations (version, dirty) VALUES ($1, $2)"
  [[ $1 -ge 0 || $2 == true ]] || insert='SELECT 1 WHERE false'
  sql -1 -c 'TRUNCATE schema_migrations' -c "$insert"
}

versions() {   # ascending
  find "$MIGRATIONS" -maxdepth 1 -name '[0-9]*_*.sql' -printf '%f\n' |
    sed -nE 's/^0*([0-9]+)_.*\.(up|down)\.sql$/\1/p' | sort -nu
}
file_of() {   # VERSION up|down
  find "$MIGRATIONS" -maxdepth 1 -name "*_*.$2.sql" | grep -E "/0*$1_[^/]*$" || true
}

# Sends a file to the server as one query string, as golang-migrate does: one implicit transaction.
run_file() {   # VERSION up|down TARGET
  local file name body started=$EPOCHREALTIME
  file=$(file_of "$1" "$2")
  set_version "$3" true
  if [[ -n $file ]]; then
    body=$(< "$file")
    name=$(basename "$file" ".$2.sql")
    if [[ ${#body} -lt 100000 ]]; then sql -c "$body" > /dev/null; else sql -1 -f "$file" > /dev/null; fi ||
      die "migration failed: $(basename "$file"); the database is left dirty at version $3"
    printf '%s/%s %s (%d ms)\n' "$1" "${2:0:1}" "${name#*_}" $(((${EPOCHREALTIME/./} - ${started/./}) / 1000)) >&2
  fi
  set_version "$3" false
}

require_known_version() {
  [[ $VERSION == "$NIL" ]] || versions | grep -qx "$VERSION" || die "no migration found for version $VERSION"
}

up() {
  local version applied=0
  take_migration_lock
  read_version
  refuse_dirty
  require_known_version
  for version in $(versions); do
    [[ $version -gt $VERSION && $applied -lt ${1:-1000000} ]] || continue
    run_file "$version" up "$version"
    applied=$((applied + 1))
  done
  [[ $applied -gt 0 ]] || say "no change" >&2
}

down() {
  local steps=${1:-1} previous
  take_migration_lock
  for ((; steps > 0; --steps)); do
    read_version
    refuse_dirty
    require_known_version
    [[ $VERSION != "$NIL" ]] || die "file does not exist"
    previous=$(versions | awk -v now="$VERSION" '$1 < now' | tail -1)
    run_file "$VERSION" down "${previous:-$NIL}"
  done
}

version() {
  take_migration_lock
  read_version
  [[ $VERSION != "$NIL" || $DIRTY == t ]] || die "no migration"
  if [[ $DIRTY == t ]]; then say "$VERSION (dirty)"; else say "$VERSION"; fi
}

check_name() {
  [[ $1 =~ ^[A-Za-z0-9_]+$ ]] ||
    die "a migration name consists of letters, digits and _: make migrate-create NAME=add_foo"
}
create() {
  local next
  check_name "${1:-}"
  next=$(printf '%06d' $(($(versions | tail -1) + 1)))
  for direction in up down; do
    : > "$MIGRATIONS/${next}_$1.$direction.sql"
    say "$MIGRATIONS/${next}_$1.$direction.sql"
  done
}

is_number() { [[ ${1:-} =~ ^-?[0-9]+$ ]] || die "$2"; }

command=${1:-}
[[ $command =~ ^(up|down|create|version|force)$ ]] ||
  die "usage: migrate.sh up [N] | down [N] | create NAME | version | force V"
shift
if [[ $command != create ]]; then
  find_database
  hide_password
  PSQL_DSN=$(PGOPTIONS='-c client_min_messages=warning' libpq_dsn "$DATABASE_URL")
fi
case $command in
  up | down) [[ $# -eq 0 ]] || is_number "$1" "can't read limit argument N" ;;
  force) is_number "${1:-}" "please specify version argument V" ;;
esac

if [[ ${MIGRATE_WITH:-} != psql ]] && command -v migrate > /dev/null &&
  [[ $command == create || $DATABASE_URL == postgres*://* ]]; then
  if [[ $command =~ ^(up|down)$ ]] && command -v psql > /dev/null; then refuse_foreign_schema; fi
  cli=(migrate -path "$MIGRATIONS" -database "${DATABASE_URL:-}")
  case $command in
    create) check_name "${1:-}"
            exec migrate create -ext sql -dir "$MIGRATIONS" -seq -digits 6 "$1" ;;
    down) exec "${cli[@]}" down "${1:-1}" ;;
    force) exec "${cli[@]}" force -- "$1" ;;
    *) exec "${cli[@]}" "$command" "$@" ;;
  esac
fi

command -v psql > /dev/null || die "neither migrate nor psql is on PATH; install the package postgresql-client"
if [[ $command =~ ^(up|down)$ ]]; then refuse_foreign_schema; fi
case $command in
  up) up "$@" ;;
  down) down "$@" ;;
  create) create "$@" ;;
  version) version ;;
  force) take_migration_lock; set_version "$1" false ;;
esac
