#!/usr/bin/env bash
# Creates a database role for each daemon, with the required rights: roles.sh. Run it as the owner, after the
# migrations; it may be run again. See migrations/roles.psql for passwords and more. If the owner may not create roles,
# it says so and exits successfully.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/dsn.sh"
source "$HOST/postgres.sh"

find_database
hide_password
command -v psql > /dev/null || die "psql is not on PATH; install the package postgresql-client"
exec psql -X -q -At -d "$(libpq_dsn "$DATABASE_URL")" -f "$ROOT/migrations/roles.psql"
