#!/usr/bin/env bash
# deploy/host/dsn.sh: what psql is given for a DATABASE_URL.
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/host/common.sh"
source "$HOST/dsn.sh"

failures=0
becomes() {   # DSN EXPECTED
  local now
  now=$(libpq_dsn "$1")
  [[ $now == "$2" ]] || { say "$1 became $now, not $2"; failures=$((failures + 1)); }
}
stays() { becomes "$1" "$1"; }

unset PGOPTIONS
stays 'postgres://u:p%40x@h:5432/d?sslmode=disable&connect_timeout=3'
stays 'postgres://h/d'
stays 'postgres://u:p?search_path=x@h/d'
stays 'postgres://h/d?options=-c%20jit%3Doff'
stays 'postgres://h/d?sslmod=require'
stays "host=h dbname=d password='it\\'s * here'"
stays "host=h options='-c jit=off'"
stays 'host=h and no more'
becomes 'postgresql://h/d?sslmode=disable&search_path=a%20b,c%5Cd&TimeZone=UTC' \
  'postgresql://h/d?sslmode=disable&options=%20-c%20search_path%3Da%5C%20b,c%5C%5Cd%20-c%20timezone%3DUTC'
becomes 'postgres://h/d?options=-c%20jit%3Doff&app.tenant=7' \
  'postgres://h/d?options=-c%20jit%3Doff%20-c%20app.tenant%3D7'
becomes 'postgres://u@h/d?pool_max_conns=4&x-migrations-table=m&sslmode=disable' 'postgres://u@h/d?sslmode=disable'
becomes 'postgres://h/d?default_query_exec_mode=exec' 'postgres://h/d'
becomes "host=h search_path='a b' pool_max_conns=1 dbname=d" "host=h dbname=d options=' -c search_path=a\\\\ b'"
export PGOPTIONS='-c jit=off'
becomes 'postgres://h/d?search_path=a' 'postgres://h/d?options=-c%20jit%3Doff%20-c%20search_path%3Da'
becomes 'host=h search_path=a' "host=h options='-c jit=off -c search_path=a'"
stays 'postgres://h/d?sslmode=disable'
stays 'host=h'
[[ $failures -eq 0 ]] || die "$failures DSNs"
say "ok: DSNs for psql"
