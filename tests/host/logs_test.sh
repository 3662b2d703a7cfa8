#!/usr/bin/env bash
# Host mode's logs (deploy/host/log.sh): more than the bound is written, the bound holds, the newest lines are there,
# and a daemon outlives what writes its log. logs_test.sh DAEMON, a binary that needs no database to start. 77: nothing
# to test with.
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/host/common.sh"
command -v rotatelogs > /dev/null || { say "rotatelogs is not installed: skipped"; exit 77; }

daemon=$1
# shellcheck disable=SC2034   # log.sh reads them
RUN=$(mktemp -d) LOGS=$RUN/logs LOG_FILE_SIZE=64K LOG_FILES=3
mkdir -p "$LOGS"
source "$HOST/log.sh"
pid=
cleanup() {
  local name
  [[ -z $pid ]] || kill -KILL "$pid" 2> /dev/null || true
  for name in talker apigw; do if pid=$(pid_of "$name-log"); then kill -KILL "$pid" || true; fi; done
  rm -rf "$RUN"
}
trap cleanup EXIT

size_of() { cat "$@" | wc -c; }
# The files of a log, oldest first: they are written in a circle, and the link is the newest.
in_order() {   # NAME
  local files=("$LOGS/$1/log") i newest=0
  for ((i = 1; i < LOG_FILES; ++i)); do [[ ! -e $LOGS/$1/log.$i ]] || files+=("$LOGS/$1/log.$i"); done
  for i in "${!files[@]}"; do [[ ! ${files[i]} -ef $LOGS/$1.log ]] || newest=$i; done
  for ((i = 1; i <= ${#files[@]}; ++i)); do printf '%s\n' "${files[(newest + i) % ${#files[@]}]}"; done
}
lines() { seq -f 'line %07.0f of a log that goes on and on' "$1" "$2"; }

bounded_and_newest() {
  # It writes what it has read, up to 64 KiB, into one file.
  local kept last=20000 most=$((LOG_FILES * (65536 + 65536)))
  start_logger talker
  lines 1 $last > "$(log_pipe talker)"
  settle_log talker 30 || die "what writes the log did not end with the last writer"
  mapfile -t files < <(in_order talker)
  [[ ${#files[@]} -eq $LOG_FILES ]] || die "${#files[@]} files, not $LOG_FILES"
  [[ $(size_of "${files[@]}") -le $most ]] || die "$(size_of "${files[@]}") bytes are kept"
  cat "${files[@]}" | sed 1d > "$RUN/kept"   # the first line may be the rest of one
  kept=$(wc -l < "$RUN/kept")
  [[ $kept -gt 1000 ]] || die "only $kept lines are kept"
  cmp "$RUN/kept" <(lines $((last - kept + 1)) $last) || die "lines are missing, or not in order"
  [[ $(tail -n 1 "$LOGS/talker.log") == "$(lines $last $last)" ]] || die "talker.log is not the newest file"
  stop_loggers talker
  say "ok: $last lines, the newest $kept are kept, in $LOG_FILES files"
}

run_before_is_kept() {
  start_logger talker
  lines 1 3 > "$(log_pipe talker)"
  settle_log talker 30 || die "what writes the log did not end with the last writer"
  [[ $(cat "$LOGS/talker.log") == "$(lines 1 3)" ]] || die "the new run's log has other lines"
  [[ $(cat "$LOGS/talker.old"/* | tail -n +2 | wc -l) -ge $(wc -l < "$RUN/kept") ]] ||
    die "the log of the run before is gone"
  stop_loggers talker
  start_logger talker
  lines 4 5 > "$(log_pipe talker)"
  settle_log talker 30 || die "what writes the log did not end with the last writer"
  [[ $(cat "$LOGS/talker.old"/*) == "$(lines 1 3)" ]] || die "more than one run before is kept"
  stop_loggers talker
  say "ok: the run before is kept, one before that is not"
}

# Where rotatelogs is missing: a plain file with all of it.
without_rotatelogs() {
  local tool bin=$RUN/bin path=$PATH
  mkdir "$bin"
  for tool in rm mv mkdir mkfifo touch ln tee setsid sed cut cat sleep; do
    ln -s "$(command -v "$tool")" "$bin/$tool"
  done
  PATH=$bin start_logger talker
  PATH=$path
  lines 1 5000 > "$(log_pipe talker)"
  settle_log talker 30 || die "what writes the log did not end with the last writer"
  cmp "$LOGS/talker.log" <(lines 1 5000) || die "the plain log is not complete"
  stop_loggers talker
  say "ok: a plain file without rotatelogs"
}

# A logger that nobody ever wrote to must not keep make down waiting for ever.
unused_one_is_ended() {
  start_logger talker
  stop_loggers talker
  ! pid_of talker-log > /dev/null || die "it still runs"
  say "ok: one that nobody wrote to is ended"
}

daemon_outlives_its_log() {
  local port logger code=0 deadline=$((SECONDS + 60))
  start_logger apigw
  env PORT=0 LISTEN_ADDRESS=127.0.0.1 DATABASE_URL=postgres://nobody@127.0.0.1:1/none \
    "$daemon" < /dev/null > "$(log_pipe apigw)" 2>&1 &
  pid=$!
  until port=$(grep -oP '"msg":"listening".*"port":\K\d+' "$LOGS/apigw.log" 2> /dev/null); do
    [[ $SECONDS -lt $deadline ]] || die "the daemon does not start"
    sleep 0.05
  done
  logger=$(pid_of apigw-log)
  kill -KILL "$logger"
  settle_log apigw 30 || die "what writes the log cannot be killed"
  [[ $(status_of "http://127.0.0.1:$port/healthz") == 200 ]] || die "the daemon does not answer without its log"
  kill -TERM "$pid"   # it logs that it drains: into a pipe that nobody reads
  wait "$pid" || code=$?
  pid=
  [[ $code -eq 0 ]] || die "the daemon ended with code $code"
  stop_loggers apigw
  say "ok: a daemon outlives what writes its log"
}

bounded_and_newest
run_before_is_kept
without_rotatelogs
unused_one_is_ended
daemon_outlives_its_log
