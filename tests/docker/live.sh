#!/usr/bin/env bash
# make docker-test (deploy/host/docker-test.sh): the images and the compose stack for real, on a running engine, in this
# checkout's project. It wipes that project's data, before and after. Each line says what was seen.
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/host/common.sh"
source "$HOST/compose.sh"

compose_available || die "docker compose does not answer here"
log=$(mktemp)
source "$ROOT/tests/support/steps.sh"
scratch=$(mktemp -d)
cd "$ROOT"
scaled=(-f docker-compose.yaml -f docker-compose.scale.yaml)

cleanup() {
  local code=$?
  [[ $code -eq 0 ]] || tail -40 "$log" >&2
  docker ps -aq --filter label=prompted-test | xargs -r docker rm -f > /dev/null
  "$HOST/down.sh" --clean > /dev/null 2>&1 || true
  rm -rf "$log" "$scratch"
  exit "$code"
}
trap cleanup EXIT

sql() { compose exec -T postgres psql -U prompted -d prompted -XAtqc "$1"; }
rows() { fetch "$(url_of apigw)/api/v1/gpus/GPU-live/telemetry" | grep -o '"metric_name"' | wc -l; }
# Which containers run since when: of daemons and database, not of the one-shot ones.
running() { compose ps -q postgres "${SERVICES[@]}" | sort | xargs docker inspect -f '{{.Name}} {{.Id}} {{.State.StartedAt}}'; }

comes_up() {
  run make --no-print-directory up
  saw "make up: $took s"
  run make --no-print-directory verify
  saw "make verify: $(grep -c '  ok ' "$log") checks"
  local gpus
  gpus=$(fetch "$(url_of apigw)/api/v1/gpus")
  [[ $gpus == '{"gpus":[{"id":"GPU-0a1b2c3d"},{"id":"GPU-5e6f7a8b"},{"id":"GPU-c9d0e1f2"}]}' ]] || die "other GPUs: $gpus"
  saw "three GPUs"
  git diff --quiet -- samples || die "the sample was changed"
}

changes_nothing() {
  local before; before=$(running)
  run make --no-print-directory up
  [[ $(running) == "$before" ]] || { diff <(echo "$before") <(running) >&2 || true; die "a second make up changed something"; }
  saw "second make up changes nothing: $took s"
}

shows() {
  run make --no-print-directory ps
  [[ $(grep -c healthy "$log") -eq 6 ]] || die "make ps does not show six healthy containers"
  timeout 5 make --no-print-directory logs-mqreader > "$log" 2>&1 || true
  grep -q '"service":"mqreader"' "$log" || die "make logs-mqreader shows nothing"
  timeout 5 make --no-print-directory logs > "$log" 2>&1 || true
  [[ $(grep -oE '"service":"[a-z]+"' "$log" | sort -u | wc -l) -eq 5 ]] || die "make logs does not show five services"
  saw "make ps, make logs"
}

shares() {
  run compose "${scaled[@]}" up -d --scale mqreader=3 --scale collector=2
  await 60 is "85 85 86" sql "SELECT string_agg(n::text, ' ' ORDER BY n) FROM (SELECT count(*) n FROM queue_partitions WHERE owner IS NOT NULL GROUP BY owner) o"
  local id owned=0 count of_each=
  for id in $(compose ps -q mqreader); do
    count=$(fetch "http://$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$id"):8085/v1/partitions" | sed -nE 's/.*"owned":([0-9]+).*/\1/p')
    owned=$((owned + count)) of_each+=" $count"
  done
  [[ $owned -eq 256 ]] || die "the three readers own $owned partitions:$of_each"
  saw "three mqreaders own$of_each of 256 partitions by their own word"
  for id in $(compose ps -q collector); do
    await 30 is 3 bash -c "docker logs '$id' 2>&1 | grep '\"leasing from mqreader\"' | grep -o '\"reader\":\"[^\"]*\"' | sort -u | tail -3 | wc -l"
  done
  saw "each of two collectors leases from all three"
  publish 300
  await 60 is 300 rows
  saw "300 rows through them, once each"
  await 60 make --no-print-directory verify   # health checks come every 5 s
  saw "make verify with unpublished ports: $(grep -c '  ok ' "$log") checks"
  run make --no-print-directory up
  await 60 is 1 sql "SELECT count(DISTINCT owner) FROM queue_partitions WHERE owner IN (SELECT reader_id FROM queue_readers WHERE expires_at > now())"
  [[ $(compose ps -q mqreader | wc -l) -eq 1 ]] || die "make up does not go back to one mqreader"
  saw "make up goes back to one of each"
}

publish() {   # COUNT rows of the GPU GPU-live
  local i messages=
  for ((i = 0; i < $1; ++i)); do
    messages+="${messages:+,}{\"gpu_id\":\"GPU-live\",\"metric_name\":\"M$i\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"value\":$i}"
  done
  printf '{"topic":"telemetry","messages":[%s]}' "$messages" > "$scratch/body"
  # From inside the network: mqwriter's port may be unpublished.
  fetch "http://$(docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$(compose ps -q mqwriter | head -1)"):8084/v1/publish" \
    -d "@$scratch/body" > "$log"
}

keeps_data() {
  run make --no-print-directory down
  [[ -z $(compose ps -aq) ]] || die "make down leaves containers"
  saw "make down: $took s"
  run make --no-print-directory up
  is 300 rows || die "make down lost rows"
  saw "the data is still there"
}

# What a broken file does to a running stack, and to one that starts with it.
survives_broken_streamer() {
  printf 'no,header,of,ours\n1,2,3,4\n' > "$scratch/bad.csv"
  if STREAMER_CSV_PATH=$scratch/bad.csv make --no-print-directory up > "$log" 2>&1; then die "make up takes a file without our columns"; fi
  grep -q '^error: streamer' "$log" || die "make up does not name the streamer"
  is 300 rows || die "the API is down"
  run make --no-print-directory down-clean
  if STREAMER_CSV_PATH=$scratch/bad.csv make --no-print-directory up > "$log" 2>&1; then die "make up takes a file without our columns"; fi
  record_ports
  publish 1
  await 30 is 1 rows
  saw "a broken streamer leaves the API up, in a running stack and in a new one"
  run make --no-print-directory up
  saw "and the next make up mends it: $took s"
  # One that only its owner may read.
  install -m 600 samples/telemetry.csv "$scratch/private.csv"
  sed -i 's/GPU-0a1b2c3d/GPU-private/g' "$scratch/private.csv"
  chown 1234:1234 "$scratch/private.csv" 2> /dev/null || true
  STREAMER_CSV_PATH=$scratch/private.csv run make --no-print-directory up
  await 60 bash -c "curl -fsS --noproxy '*' '$(url_of apigw)/api/v1/gpus' | grep -q GPU-private"
  saw "another file, readable by its owner only, takes its place"
}

runs_confined() {   # each image by docker run, with nothing allowed; SIGTERM ends it with 0
  local svc id network settings started code health
  network=$(docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}' "$(compose ps -q postgres)")
  for svc in "${SERVICES[@]}"; do
    settings=(-e "DATABASE_URL=postgres://prompted_$svc:prompted@postgres:5432/prompted?sslmode=disable")
    case $svc in
      streamer) settings=(-e MQ_BASE_URL=http://mqwriter:8084 -e STREAMER_CSV_PATH=/csv -v "$ROOT/samples/telemetry.csv:/csv:ro") ;;
      collector) settings+=(-e MQ_BASE_URL=http://mqreader:8085) ;;
    esac
    id=$(docker run -d --label prompted-test --read-only --cap-drop ALL --user 65532 --security-opt no-new-privileges --network "$network" "${settings[@]}" "prompted-$svc")
    await 30 is healthy docker inspect -f '{{.State.Health.Status}}' "$id"
    started=$EPOCHREALTIME
    docker stop -t 20 "$id" > /dev/null
    code=$(docker inspect -f '{{.State.ExitCode}}' "$id")
    [[ $code -eq 0 ]] || { docker logs "$id" >&2; die "$svc ends with $code"; }
    saw "$svc: --read-only --cap-drop ALL --user 65532, healthy; SIGTERM: exit 0 after $(((${EPOCHREALTIME/./} - ${started/./}) / 1000)) ms"
    docker rm "$id" > /dev/null
  done
  code=0
  health=$(docker run --rm --label prompted-test -e PORT=x prompted-apigw 2>&1) || code=$?
  [[ $code -eq 2 && $health == *PORT* ]] || die "a bad setting: exit $code, $health"
}

sizes() {
  local svc
  for svc in "${SERVICES[@]}"; do
    docker save "prompted-$svc" | gzip -c | wc -c > "$scratch/size"
    saw "prompted-$svc: $(docker image inspect -f '{{.Size}}' "prompted-$svc" | awk '{printf "%.1f MB", $1 / 1e6}'), $(awk '{printf "%.1f MB", $1 / 1e6}' "$scratch/size") compressed; $(docker run --rm "prompted-$svc" --version)"
    [[ $(< "$scratch/size") -lt 60000000 ]] || die "prompted-$svc is above 60 MB compressed"
  done
}

wipes() {
  run make --no-print-directory down-clean
  local project; project=$(compose config --format json | sed -nE 's/^  "name": "(.*)",?$/\1/p')
  [[ -z $(docker ps -aq --filter "label=com.docker.compose.project=$project")$(docker volume ls -q --filter "label=com.docker.compose.project=$project") ]] ||
    die "make down-clean leaves something"
  saw "make down-clean: $took s, no container and no volume left"
}

"$HOST/down.sh" --clean > "$log" 2>&1
comes_up
changes_nothing
shows
shares
keeps_data
runs_confined
sizes
survives_broken_streamer
wipes
say "docker-test: ok"
