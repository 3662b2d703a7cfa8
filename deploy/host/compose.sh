# shellcheck shell=bash
# Sourced after common.sh: the stack as docker compose runs it.

# The port of this machine that a service's container is given, running or not; nothing for none, or an unpublished one.
published_port() {
  local ids
  ids=$(compose ps -aq "$1" 2> /dev/null) || true
  # shellcheck disable=SC2086
  [[ -z $ids ]] || docker inspect -f '{{range .HostConfig.PortBindings}}{{range .}}{{.HostPort}}{{end}}{{end}}' $ids |
    sed -n '1{/./p}'
}

# The address of this machine that its port is published on; nothing for all of them.
published_address() {
  local ids
  ids=$(compose ps -aq "$1" 2> /dev/null) || true
  # shellcheck disable=SC2086
  [[ -z $ids ]] || docker inspect -f '{{range .HostConfig.PortBindings}}{{range .}}{{.HostIp}}{{end}}{{end}}' $ids |
    sed -n '1{/./p}'
}

# make verify and make seed are run without the variables that make up was given.
record_ports() {
  local svc port
  mkdir -p "$RUN"
  for svc in "${SERVICES[@]}" postgres; do
    rm -f "$RUN/$svc.port"
    port=$(published_port "$svc")
    [[ -z $port ]] || printf '%s\n' "$port" > "$RUN/$svc.port"
  done
  host_of_address "$(published_address apigw)" > "$RUN/host"
}
published() { [[ -f $RUN/$1.port ]]; }

# One line a container: NAME STATUS HEALTH EXIT-CODE.
containers_of() {
  local ids
  ids=$(compose ps -aq "$@" 2> /dev/null)
  # shellcheck disable=SC2086
  [[ -z $ids ]] || docker inspect $ids -f \
    '{{.Name}} {{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.ExitCode}}'
}

# healthy | finished | waiting | failed, of all containers of a service together.
state_of() {
  containers_of "$1" | awk '
    $2 == "restarting" || $2 == "dead" || ($2 == "exited" && $4 != 0) { failed = 1 }
    $2 == "exited" && $4 == 0 { ++finished }
    $3 == "healthy" { ++healthy }
    END {
      if (failed) print "failed"; else if (NR && healthy == NR) print "healthy"
      else if (NR && finished == NR) print "finished"; else print "waiting"
    }'
}

compose_fail_of() {   # SERVICE TEXT; the others go on
  printf 'error: %s %s; last lines of its log:\n' "$1" "$2" >&2
  compose logs --no-color --no-log-prefix --tail 15 "$1" >&2 || true
  printf 'the other containers keep running; see make ps, make logs, make down\n' >&2
  exit 1
}

# BuildKit would write the time of the build into each image: the same source shall be the same image, so that nothing
# is restarted.
build_images() {
  local log=$LOGS/images.log
  mkdir -p "$LOGS"
  say "building the images (the first build takes minutes)"
  export BUILDX_NO_DEFAULT_ATTESTATIONS=1
  if [[ -t 1 ]]; then compose build; else
    compose build --progress plain > "$log" 2>&1 ||
      { tail -40 "$log" >&2; die "failed to build the images (full log: .run/logs/images.log)"; }
  fi
}
