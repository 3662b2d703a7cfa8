#!/usr/bin/env bash
# Follows the logs of all services, or of those named.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[[ $# -gt 0 ]] || set -- "${SERVICES[@]}"
for svc in "$@"; do [[ $svc == postgres ]] || known_service "$svc"; done
if compose_available && ! any_running; then
  cd "$ROOT" && exec docker compose logs -f --tail 50 "$@"
fi
files=()
for svc in "$@"; do [[ -e $LOGS/$svc.log ]] && files+=("$LOGS/$svc.log"); done
[[ ${#files[@]} -gt 0 ]] || die "no logs yet; run make up"
exec tail -n 50 -F "${files[@]}"
