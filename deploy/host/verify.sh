#!/usr/bin/env bash
# Checks that everything is healthy and that there is data. Exits with 0 only if all checks pass.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/compose.sh"

failures=0
check() {   # TEXT COMMAND...
  local text=$1
  shift
  if "$@"; then printf '  ok    %s\n' "$text"; else printf '  FAIL  %s\n' "$text"; failures=$((failures + 1)); fi
}
answers() { [[ $(status_of "$1") == 200 ]]; }
# The response is unbounded, so only its first bytes are read.
has_entries() { curl --noproxy '*' -sS --max-time 20 "$1" 2> /dev/null | head -c 2000 | grep -q '"metric_name"'; }

in_containers=false
if compose_available && ! any_running; then
  in_containers=true
  record_ports
  # Uses each container's health check, because docker-compose.scale.yaml does not publish all ports.
  for svc in postgres "${SERVICES[@]}"; do
    containers=$(containers_of "$svc")
    check "$svc: $(grep -c . <<< "$containers" || true) container(s) healthy" test "$(state_of "$svc")" == healthy
  done
fi
for svc in "${SERVICES[@]}"; do
  if $in_containers && ! published "$svc"; then continue; fi
  for path in healthz readyz; do check "$svc $(url_of "$svc")/$path" answers "$(url_of "$svc")/$path"; done
done
api=$(url_of apigw)/api/v1/gpus
gpus=$(fetch "$api" 2> /dev/null || true)
first=$(grep -o '"id":"[^"]*"' <<< "$gpus" | head -1 | cut -d'"' -f4 || true)
check "$(grep -o '"id"' <<< "$gpus" | wc -l) GPUs at $api" test -n "$first"
if [[ -n $first ]]; then
  set +o pipefail   # head exits before curl does
  check "telemetry of $first" has_entries "$api/$(encoded "$first")/telemetry"
fi
if [[ $failures -gt 0 ]]; then die "$failures checks failed; see make ps, make logs"; fi
say "all checks passed"
