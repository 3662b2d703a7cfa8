#!/usr/bin/env bash
# Lists what is running.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/postgres.sh"

if compose_available && ! any_running; then compose ps; exit; fi
printf '%-10s %-8s %-6s %s\n' SERVICE PID PORT STATE
row() { printf '%-10s %-8s %-6s %s\n' "$@"; }
if postgres_running; then row postgres "$(postgres_pid)" "$(< "$PG_PORT_FILE")" running
else row postgres - - stopped; fi
for svc in "${SERVICES[@]}"; do
  if pid=$(pid_of "$svc"); then
    [[ $(status_of "$(url_of "$svc")/readyz") == 200 ]] && state=ready || state="not ready"
    row "$svc" "$pid" "$(port_of "$svc")" "$state"
  else
    row "$svc" - - stopped
  fi
done
