#!/usr/bin/env bash
# Stops what `make up` started: down.sh [--clean] (also wipes the data) [--locked] (the caller holds the lock).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/log.sh"
source "$HOST/postgres.sh"

STOP_LIMIT=30   # seconds; SHUTDOWN_GRACE is 10

stop_services() {   # all at once, then wait for each
  local svc pid deadline=$((SECONDS + STOP_LIMIT))
  for svc in "$@"; do if pid=$(pid_of "$svc"); then kill -TERM "$pid"; fi; done
  for svc in "$@"; do
    while pid=$(pid_of "$svc"); do
      if [[ $SECONDS -ge $deadline ]]; then
        say "$svc did not exit within $STOP_LIMIT s; killing it" >&2
        kill -KILL "$pid" || true
      fi
      sleep 0.05
    done
    rm -f "$RUN/$svc.pid"
  done
}

clean=false locked=false
for argument in "$@"; do
  case $argument in --clean) clean=true ;; --locked) locked=true ;; *) die "usage: down.sh [--clean]" ;; esac
done

if [[ -d $RUN ]]; then
  $locked || take_lock
  stop_services streamer collector        # first, because they are clients of the others
  stop_services mqwriter mqreader apigw
  stop_postgres
  stop_loggers "${SERVICES[@]}" postgres
  $locked || rm -f "$RUN"/*.port "$RUN/host"
fi
if $clean; then
  wipe_postgres
  rm -rf "$RUN"
fi
if ! $locked && compose_available; then
  if $clean; then compose down -v --remove-orphans; else compose down --remove-orphans; fi
fi
if $clean; then say "down, data deleted"; elif ! $locked; then say "down"; fi
