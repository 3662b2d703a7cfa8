# shellcheck shell=bash
# Sourced after common.sh: the stack under docker compose.

# The host port of a service's container, running or not; empty if there is none or it is unpublished.
published_port() {
  local ids
  ids=$(compose ps -aq "$1" 2> /dev/null) || true
  # shellcheck disable=SC2086
  [[ -z $ids ]] || docker inspect -f '{{range .HostConfig.PortBindings}}{{range .}}{{.HostPort}}{{end}}{{end}}' $ids |
    sed -n '1{/./p}'
}

# The host address that its port is published on; empty for all addresses.
published_address() {
  local ids
  ids=$(compose ps -aq "$1" 2> /dev/null) || true
  # shellcheck disable=SC2086
  [[ -z $ids ]] || docker inspect -f '{{range .HostConfig.PortBindings}}{{range .}}{{.HostIp}}{{end}}{{end}}' $ids |
    sed -n '1{/./p}'
}

# make verify and make seed run without the variables passed to make up.
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

# One line per container: NAME STATUS HEALTH EXIT-CODE.
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

compose_fail_of() {   # SERVICE TEXT; does not stop the others
  printf 'error: %s %s; last lines of its log:\n' "$1" "$2" >&2
  compose logs --no-color --no-log-prefix --tail 15 "$1" >&2 || true
  printf 'the other containers keep running; see make ps, make logs, make down\n' >&2
  exit 1
}

# Keeps BuildKit from writing the build time into each image. The same source must give the same image, so that no
# container is restarted.
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
