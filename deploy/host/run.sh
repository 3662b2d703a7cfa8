#!/usr/bin/env bash
# Builds one service and runs it in the foreground: with .env, and with its role in the private PostgreSQL when .env
# names no database.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/postgres.sh"

known_service "${1:-}"
"$HOST/build.sh" "$1"
if [[ $1 == streamer ]]; then load_env; else find_database "$1"; fi
cd "$ROOT"
if [[ $1 == streamer && ( -z ${STREAMER_CSV_PATH:-} || $STREAMER_CSV_PATH -ef samples/telemetry.csv ) ]]; then
  # The streamer stamps its file: a working copy, so that the tracked sample stays as it is.
  mkdir -p "$RUN"
  cp "$ROOT/samples/telemetry.csv" "$RUN/telemetry-run.csv"
  export STREAMER_CSV_PATH=$RUN/telemetry-run.csv
fi
exec env "${ROLE_PASSWORDS[@]/#/--unset=}" "$ROOT/bin/$1"
