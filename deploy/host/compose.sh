# Sourced after common.sh: the stack as docker compose runs it.

# The daemons' port inside the network is the default one; what it is on this machine, docker knows.
published_port() {   # SERVICE PORT; nothing when it runs not at all, or unpublished
  compose port "$1" "$2" 2> /dev/null | sed -n '1s/.*://; 1{/^[1-9]/p}' || true
}

# make verify and make seed are run without the variables that make up was given.
record_ports() {
  local svc port
  mkdir -p "$RUN"
  for svc in "${SERVICES[@]}" postgres; do
    rm -f "$RUN/$svc.port"
    if [[ $svc == postgres ]]; then port=5432; else port=$(default_port "$svc"); fi
    port=$(published_port "$svc" "$port")
    [[ -z $port ]] || printf '%s\n' "$port" > "$RUN/$svc.port"
  done
}
published() { [[ -f $RUN/$1.port ]]; }

# One line a container: NAME STATUS HEALTH EXIT-CODE.
containers_of() {
  local ids
  ids=$(compose ps -aq "$@" 2> /dev/null)
  # shellcheck disable=SC2086
  [[ -z $ids ]] || docker inspect -f '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.ExitCode}}' $ids
}

# healthy | finished | waiting | failed, of all containers of a service together.
state_of() {
  containers_of "$1" | awk '
    $2 == "restarting" || $2 == "dead" || ($2 == "exited" && $4 != 0) { failed = 1 }
    $2 == "exited" && $4 == 0 { ++finished }
    $3 == "healthy" { ++healthy }
    END { if (failed) print "failed"; else if (NR && healthy == NR) print "healthy"; else if (NR && finished == NR) print "finished"; else print "waiting" }'
}

compose_fail_of() {   # SERVICE TEXT; the others go on
  printf 'error: %s %s; the last lines of its log:\n' "$1" "$2" >&2
  compose logs --no-log-prefix --tail 15 "$1" >&2 || true
  printf 'what else runs is left running: make ps, make logs, make down\n' >&2
  exit 1
}

# BuildKit would write the time of the build into each image: the same source shall be the same image, so that nothing is restarted.
build_images() {
  say "building the images (the first time takes minutes)"
  BUILDX_NO_DEFAULT_ATTESTATIONS=1 compose build "$@"
}
