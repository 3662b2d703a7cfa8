# Applies /migrations to $DATABASE_URL with golang-migrate, once the server answers. A database that is newer than these
# files (after `helm rollback`) is left as it is: the older daemons run on it. A dirty one is golang-migrate's to refuse.
dir=${MIGRATIONS:-/migrations}
newest=$(ls "$dir" | sed -n 's/^0*\([0-9][0-9]*\)_.*\.up\.sql$/\1/p' | sort -n | tail -n 1)
tries=0
until now=$(migrate -path "$dir" -database "$DATABASE_URL" version 2>&1) || [ "$now" = "error: no migration" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt "${TRIES:-300}" ] || { echo "$now" >&2; exit 1; }
  sleep 1
done
echo "schema version: $now, newest migration: $newest"
case $now in
  '' | *[!0-9]*) ;;   # none yet, or dirty
  *) [ "$now" -le "$newest" ] || { echo "the database schema is newer; nothing to do"; exit 0; } ;;
esac
exec migrate -path "$dir" -database "$DATABASE_URL" up
