#!/usr/bin/env bash
# A database role for each daemon, with the rights that it needs: roles.sh. Run it as the owner, after the migrations;
# again does no harm. Passwords and more: migrations/roles.psql. An owner who may not create roles is told so, and
# nothing fails.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/dsn.sh"
source "$HOST/postgres.sh"

find_database
hide_password
command -v psql > /dev/null || die "psql is not on PATH; install the package postgresql-client"
exec psql -X -q -At -d "$(libpq_dsn "$DATABASE_URL")" -f "$ROOT/migrations/roles.psql"
