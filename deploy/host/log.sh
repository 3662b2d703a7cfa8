# shellcheck shell=bash
# Sourced after common.sh: size-limited logs. A daemon's output goes through a named pipe to rotatelogs (package
# apache2-utils), which keeps the newest LOG_FILES (3) files of LOG_FILE_SIZE (10M) and drops the oldest. Without it the
# log is a plain file. docs/operations.md describes what happens when one of the two exits first.
log_pipe() { printf '%s/%s.pipe' "$RUN" "$1"; }

# Starts the logger of NAME: $LOGS/NAME/log, log.1, … in rotation; $LOGS/NAME.log is a link to the newest. The previous
# run's files are kept in $LOGS/NAME.old.
start_logger() {   # NAME
  local name=$1 command
  rm -rf "$LOGS/$name.old" "$LOGS/$name.log" "$LOGS/$name.log.old" "$(log_pipe "$name")"
  [[ ! -d $LOGS/$name ]] || mv "$LOGS/$name" "$LOGS/$name.old"
  mkdir -p "$LOGS/$name"
  mkfifo -m 600 "$(log_pipe "$name")"
  if command=$(PATH=$PATH:/usr/sbin command -v rotatelogs); then
    command=("$command" -f -n "${LOG_FILES:-3}" -L "$LOGS/$name.log" "$LOGS/$name/log" "${LOG_FILE_SIZE:-10M}")
  else
    touch "$LOGS/$name/log"
    ln -f "$LOGS/$name/log" "$LOGS/$name.log"
    command=(tee -a "$LOGS/$name/log")
  fi
  # In its own session, so that Ctrl-C at the terminal does not stop it. It exits with the last process that writes to
  # the pipe.
  (exec 9>&- setsid "${command[@]}" < "$(log_pipe "$name")" > /dev/null 2>&1) &
  remember_pid "$name-log" $!
  disown
}

# Waits until all output of NAME is in its log: once NAME has exited, its logger exits too.
settle_log() {   # NAME SECONDS; fails if the logger is still running then
  local deadline=$((SECONDS + $2))
  while pid_of "$1-log" > /dev/null; do
    [[ $SECONDS -lt $deadline ]] || return 1
    sleep 0.05
  done
}

stop_loggers() {   # NAME...; after the processes that write
  local name pid
  for name in "$@"; do
    # Another process may still hold the pipe, or none ever opened it.
    settle_log "$name" 5 || { pid=$(pid_of "$name-log") && kill -TERM "$pid"; } || true
    rm -f "$RUN/$name-log.pid" "$(log_pipe "$name")"
  done
}
