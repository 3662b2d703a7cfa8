#!/usr/bin/env bash
# Builds and starts everything: with docker compose if an engine is running, else on this host (private PostgreSQL, five
# daemons in the background). Returns when telemetry can be queried.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/log.sh"
source "$HOST/postgres.sh"
source "$HOST/compose.sh"

READY_LIMIT=${UP_READY_LIMIT:-60}   # seconds, for all daemons to be ready and then for data to arrive

print_hints() {   # WHERE-THE-LOGS-ARE
  local api; api=$(url_of apigw)
  cat <<HINTS

  API         $api/api/v1/gpus
  Swagger UI  $api/swagger/index.html
  publish     $(url_of mqwriter)/v1/publish
  logs        make logs${1:-}

Try:
  curl $api/api/v1/gpus
  curl '$api/api/v1/gpus/GPU-0a1b2c3d/telemetry'
  curl '$api/api/v1/gpus/GPU-0a1b2c3d/telemetry?start_time=2026-01-01T00:00:00Z&end_time=2027-01-01T00:00:00Z'
  make verify
HINTS
}

check_ports() {
  local svc port variable
  declare -A taken
  for svc in "${SERVICES[@]}"; do
    variable=$(port_variable "$svc") port=$(port_of "$svc")
    [[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 65535 ]] || die "$variable: \"$port\" is not a port"
    [[ -z ${taken[$port]:-} ]] || die "${taken[$port]} and $variable are both set to $port"
    taken[$port]=$variable
    if port_in_use "$port"; then die "port $port is in use; set $variable to another port"; fi
  done
}

# A tracked or foreign file never changes: the streamer stamps a copy.
copy_csv() {
  find_csv
  [[ $CSV -ef $RUN/telemetry.csv ]] || install -m 644 "$CSV" "$RUN/telemetry.csv"
}

start_service() {
  local svc=$1 port settings
  port=$(port_of "$svc")
  settings=("PORT=$port")
  case $svc in
    streamer) settings+=("MQ_BASE_URL=$(url_of mqwriter)" "STREAMER_CSV_PATH=$RUN/telemetry.csv") ;;
    collector) settings+=("MQ_BASE_URL=$(url_of mqreader)") ;;
  esac
  [[ $svc == streamer ]] || settings+=("DATABASE_URL=$(postgres_url "$svc")")
  printf '%s\n' "$port" > "$RUN/$svc.port"
  start_logger "$svc"
  (cd "$ROOT" && exec env "${ROLE_PASSWORDS[@]/#/--unset=}" "${settings[@]}" \
    setsid "$ROOT/bin/$svc" < /dev/null > "$(log_pipe "$svc")" 2>&1 9>&-) &
  remember_pid "$svc" $!
  disown   # fail_of reports its exit, not bash
}

fail_of() {
  pid_of "$1" > /dev/null || settle_log "$1" 2 || true
  printf 'error: %s %s; last lines of .run/logs/%s.log:\n' "$1" "$2" "$1" >&2
  tail -n 15 "$LOGS/$1.log" >&2
  exit 1
}

wait_until_ready() {
  local svc deadline=$((SECONDS + READY_LIMIT))
  for svc in "${SERVICES[@]}"; do
    until [[ $(status_of "$(url_of "$svc")/readyz") == 200 ]]; do
      pid_of "$svc" > /dev/null || fail_of "$svc" "exited during startup"
      [[ $SECONDS -lt $deadline ]] || fail_of "$svc" "is not ready after $READY_LIMIT s"
      sleep 0.1
    done
    # Another process may have taken the port since the check: the response must come from this service.
    pid_of "$svc" > /dev/null || fail_of "$svc" "exited during startup"
  done
}

wait_for_data() {
  local svc deadline=$((SECONDS + READY_LIMIT))
  until fetch "$(url_of apigw)/api/v1/gpus" 2> /dev/null | grep -q '"id"'; do
    for svc in "${SERVICES[@]}"; do
      # With STREAMER_LOOPS the streamer exits by itself.
      [[ $svc == streamer ]] || pid_of "$svc" > /dev/null || fail_of "$svc" "exited before the first data arrived"
    done
    [[ $SECONDS -lt $deadline ]] || fail_of streamer "delivered no data within $READY_LIMIT s"
    sleep 0.2
  done
}

gpus_seen() { fetch "$(url_of apigw)/api/v1/gpus" 2> /dev/null | grep -o '"id"' | wc -l || true; }
# Waits briefly for the GPUs of the file's first rows, so that the first API query shows them all.
wait_for_all_gpus() {
  local expected answer id missing deadline=$((SECONDS + 10))
  expected=$(head -50 "$CSV" | grep -oE '\b(GPU|MIG)-[0-9A-Za-z-]+' | sort -u || true)
  while [[ $SECONDS -lt $deadline ]]; do
    answer=$(fetch "$(url_of apigw)/api/v1/gpus" 2> /dev/null || true)
    missing=
    for id in $expected; do [[ $answer == *"\"$id\""* ]] || missing=$id; done
    [[ -n $missing ]] || return 0
    sleep 0.2
  done
}

undo() {   # on any early exit, Ctrl-C included
  local code=$?
  trap - EXIT INT TERM
  say "stopping the services that were started" >&2
  "$HOST/down.sh" --locked > /dev/null || true
  rm -f "$RUN"/*.port "$RUN/host"
  exit "$((code ? code : 1))"
}

up_on_host() {
  local svc
  take_lock
  load_env
  if all_running && postgres_running; then
    for svc in "${SERVICES[@]}"; do unset "$(port_variable "$svc")"; done   # the running stack keeps its ports
    say "already up"
    print_hints "   (files: .run/logs/)"
    return
  fi
  if any_running; then
    say "some services are no longer running; restarting all of them"
    "$HOST/down.sh" --locked
  fi
  check_ports
  if [[ -n ${POSTGRES_PORT:-} ]] && ! postgres_running && port_in_use "$POSTGRES_PORT"; then
    die "port $POSTGRES_PORT is in use; set POSTGRES_PORT to another port"
  fi
  mkdir -p "$LOGS"
  copy_csv
  "$HOST/build.sh" 9>&-
  trap undo EXIT
  trap 'exit 130' INT TERM
  start_postgres
  say "PostgreSQL: $(postgres_url | sed 's/prompted:prompted@/prompted:…@/')"
  DATABASE_URL=$(postgres_url) MIGRATE_WITH=psql "$HOST/migrate.sh" up 9>&-
  host_of_address "${LISTEN_ADDRESS:-}" > "$RUN/host"
  make_roles 9>&-
  for svc in "${SERVICES[@]}"; do start_service "$svc"; done
  say "waiting for the daemons and the first data"
  wait_until_ready
  wait_for_data
  wait_for_all_gpus
  trap - EXIT INT TERM
  say "up: $(gpus_seen) GPUs"
  print_hints "   (files: .run/logs/)"
}

# Reports an occupied port before minutes of building.
check_ports_to_publish() {
  local svc port variable
  for svc in "${SERVICES[@]}" postgres; do
    variable=$(port_variable "$svc") port=$(default_port "$svc")
    port=${!variable:-$port}
    [[ $port =~ ^[0-9]+$ ]] || continue   # a range is left to docker
    [[ $(published_port "$svc") != "$port" ]] || continue
    if port_in_use "$port"; then die "port $port is in use; set $variable to another port"; fi
  done
}

wait_for_containers() {
  local svc deadline=$((SECONDS + READY_LIMIT))
  for svc in "${SERVICES[@]}"; do
    while :; do
      case $(state_of "$svc") in
        healthy) break ;;
        finished) [[ $svc != streamer ]] || break ;&   # with STREAMER_LOOPS it exits by itself
        failed) compose_fail_of "$svc" "is not running" ;;
      esac
      [[ $SECONDS -lt $deadline ]] || compose_fail_of "$svc" "is not healthy after $READY_LIMIT s"
      sleep 0.5
    done
  done
}

wait_for_data_of_containers() {
  local deadline=$((SECONDS + READY_LIMIT))
  until fetch "$(url_of apigw)/api/v1/gpus" 2> /dev/null | grep -q '"id"'; do
    [[ $(state_of streamer) != failed ]] || compose_fail_of streamer "exited before the first data arrived"
    [[ $SECONDS -lt $deadline ]] || compose_fail_of streamer "delivered no data within $READY_LIMIT s"
    sleep 0.5
  done
}

up_with_compose() {
  local svc
  command -v curl > /dev/null || die "curl is required to query the daemons; install the package curl"
  take_lock
  load_env
  find_csv
  export STREAMER_CSV_PATH=$CSV
  rm -f "$RUN"/*.port "$RUN/host"
  check_ports_to_publish
  build_images
  if ! compose up -d; then
    for svc in postgres migrate roles csv; do
      if [[ $(state_of "$svc") == failed ]]; then compose_fail_of "$svc" "failed"; fi
    done
    die "docker compose up failed; the other containers keep running; see make ps, make logs, make down"
  fi
  record_ports
  say "waiting for the daemons and the first data"
  wait_for_containers
  wait_for_data_of_containers
  wait_for_all_gpus
  say "up: $(gpus_seen) GPUs"
  print_hints
}

if compose_available && ! any_running; then
  up_with_compose
else
  say "docker compose is not available; running on this host"
  up_on_host
fi
