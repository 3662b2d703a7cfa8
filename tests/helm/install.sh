#!/usr/bin/env bash
# make helm-install-test (deploy/host/helm-install-test.sh [HELM ARGUMENTS]): the charts for real, on the cluster of
# kubectl's current context, in namespace prompted-try, which is made and removed. The arguments go to every helm
# install, to say where the images are: --set global.image.registry=registry.example.com/team. Each line says what was
# seen.
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/host/common.sh"

"$HOST/helm-package.sh" > /dev/null
chart=$ROOT/build/helm/prompted-1.0.0.tgz
namespace=prompted-try
where=("$@")
log=$(mktemp)
source "$ROOT/tests/support/steps.sh"
began=0

cleanup() {
  local code=$?
  if [[ $code -ne 0 ]]; then
    tail -40 "$log" >&2
    kubectl -n "$namespace" get pods -o wide >&2 || true
    kubectl -n "$namespace" get events --sort-by=.lastTimestamp 2> /dev/null | tail -15 >&2 || true
  fi
  if [[ $began -eq 1 ]]; then kubectl delete namespace "$namespace" --wait --timeout=120s > /dev/null 2>&1 || true; fi
  rm -f "$log"
  exit "$code"
}
trap cleanup EXIT

k() { kubectl -n "$namespace" "$@"; }
sql() { k exec "$database" -- psql -U prompted -d prompted -XAtqc "$1"; }
database=prompted-postgres-0

installs() {   # RELEASE SETTINGS...
  run helm install "$1" "$chart" -n "$namespace" --wait --timeout 5m "${where[@]}" "${@:2}"
  saw "helm install $* --wait: $took s"
  ! grep 'would violate PodSecurity' "$log" || die "pods are outside of the Pod Security Standard: restricted"
  tests "$1"
}
tests() {
  run helm test "$1" -n "$namespace" --timeout 2m --logs
  grep -q 'was published and read back' "$log" || die "helm test says nothing of its row"
  saw "helm test: a row was published and read back"
}
never_restarted() {
  local restarts
  restarts=$(k get pods -o jsonpath='{range .items[*]}{range .status.containerStatuses[*]}{.name}={.restartCount} {end}{end}')
  [[ ! $restarts =~ =[1-9] ]] || die "containers restarted: $restarts"
  saw "no container restarted"
}

# A pod of any image that has sh and wget. pod NAME LABELS SCRIPT
pod() {
  k run "$1" --image="$(tool_image)" --restart=Never --labels="$2" --command -- sh -c "$3" > "$log" 2>&1
}
tool_image() { k get pod prompted-test -o jsonpath='{.spec.containers[0].image}'; }
reaches() { k exec stranger -- timeout 4 wget -q -O - "http://$1/healthz" 2> /dev/null | grep -q '"status":"ok"'; }

keeps_to_the_arrows() {
  pod stranger app=stranger 'sleep 3600'
  run k wait --for=condition=Ready pod/stranger --timeout=60s
  await 30 reaches prompted-apigw:8080
  # Some network plug-ins refuse nothing at all: then there is nothing to see.
  run k apply -f - <<< "$(printf '%s' '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"deny"},
    "spec":{"podSelector":{"matchLabels":{"app":"stranger"}},"policyTypes":["Egress"],"egress":[]}}')"
  local tries=0
  while reaches prompted-apigw:8080 && ((++tries < 10)); do sleep 1; done
  run k delete networkpolicy deny
  if ((tries == 10)); then
    say "  --    network policies are not enforced by this cluster: not judged"
    return
  fi
  await 30 reaches prompted-apigw:8080
  local target
  for target in mqwriter:8084 mqreader:8085 collector:8083 streamer:8082; do
    ! reaches "prompted-$target" || die "a stranger reaches $target"
  done
  ! k exec stranger -- timeout 4 nc prompted-postgres 5432 < /dev/null > /dev/null 2>&1 || die "a stranger reaches PostgreSQL"
  saw "a stranger's pod reaches apigw, and none of mqwriter, mqreader, collector, streamer, PostgreSQL"
}

# One message a request, each repeated with its own key until it is answered, while pods come and go.
publishes_on() {   # COUNT
  pod publisher app.kubernetes.io/name=prompted-test,app.kubernetes.io/instance=prompted "
    i=0
    while [ \$i -lt $1 ]; do
      row=\"{\\\"gpu_id\\\":\\\"GPU-rolled\\\",\\\"metric_name\\\":\\\"M\\\",\\\"timestamp\\\":\\\"2026-01-01T00:00:00Z\\\",\\\"value\\\":\$i}\"
      until timeout 10 wget -q -O /dev/null --header \"Idempotency-Key: \$(printf '00000000-0000-4000-8000-%012x' \$i)\" \
        --post-data \"{\\\"topic\\\":\\\"telemetry\\\",\\\"messages\\\":[\$row]}\" http://prompted-mqwriter:8084/v1/publish; do :; done
      i=\$((i + 1))
    done"
}
rolled() { sql "SELECT count(*) || '/' || count(DISTINCT value) FROM telemetry WHERE gpu_id = 'GPU-rolled'"; }
published() { k get pod publisher -o jsonpath='{.status.phase}'; }

scales_and_rolls() {
  publishes_on 3000
  await 60 bash -c "[[ \$(kubectl -n $namespace exec $database -- psql -U prompted -d prompted -XAtqc \"SELECT count(*) FROM telemetry WHERE gpu_id = 'GPU-rolled'\") -gt 50 ]]"
  run helm upgrade prompted "$chart" -n "$namespace" --wait --timeout 5m --reuse-values --set mqreader.replicaCount=3 \
    --set collector.replicaCount=2 --set mqwriter.replicaCount=2 --set apigw.replicaCount=2
  saw "helm upgrade to 3 mqreaders and 2 of each other: $took s"
  await 60 is "85 85 86" sql "SELECT string_agg(n::text, ' ' ORDER BY n) FROM (SELECT count(*) n FROM queue_partitions WHERE owner IS NOT NULL GROUP BY owner) o"
  saw "three mqreaders own 85, 85 and 86 partitions"
  run k rollout restart deployment -l app.kubernetes.io/instance=prompted
  local started=$SECONDS deployment
  for deployment in $(k get deployment -l app.kubernetes.io/instance=prompted -o name); do run k rollout status "$deployment" --timeout=180s; done
  saw "every pod replaced by a rolling restart: $((SECONDS - started)) s"
  is Running published || die "the publisher ended before the pods were replaced: nothing was tried"
  await 300 is Succeeded published
  await 60 is 3000/3000 rolled
  [[ $(sql "SELECT count(*) FROM dead_letters") -eq 0 ]] || die "dead letters"
  saw "3,000 messages published meanwhile: each in telemetry once"
  never_restarted
}

survives_its_database() {
  run k delete pod "$database" --wait
  run k wait --for=condition=Ready "pod/$database" --timeout=120s
  await 60 is 3000/3000 rolled
  run k wait --for=condition=Ready pod -l app.kubernetes.io/part-of=prompted,app.kubernetes.io/name!=prompted-migrate,app.kubernetes.io/name!=prompted-test --timeout=60s
  tests prompted
  saw "PostgreSQL's pod deleted: it comes back with its data, the daemons ready"
  never_restarted
}

goes_back() {
  run helm rollback prompted 1 -n "$namespace" --wait --timeout 5m
  saw "helm rollback: $took s"
  await 60 is 1 sql "SELECT count(DISTINCT owner) FROM queue_partitions WHERE owner IN (SELECT reader_id FROM queue_readers WHERE expires_at > now())"
  tests prompted
  run helm uninstall prompted -n "$namespace" --wait
  run k delete pod publisher stranger --now
  installs prompted
  is 3000/3000 rolled || die "an uninstall lost rows"
  saw "helm uninstall and install again: the data and the password are still there"
  run helm uninstall prompted -n "$namespace" --wait
}

parts() {
  k get deployment,service,networkpolicy,poddisruptionbudget,horizontalpodautoscaler,serviceaccount,statefulset \
    -l app.kubernetes.io/part-of=prompted -o name
}
uses_another_database() {
  database=pg
  run k run pg --image="$(helm show values "$chart" 2> /dev/null | sed -nE 's/^ +image: \{ repository: (postgres), tag: ([^ ]+) \}/\1:\2/p' | head -1)" \
    --env POSTGRES_USER=prompted --env POSTGRES_PASSWORD=secret --env POSTGRES_DB=prompted --port 5432 --expose
  run k create secret generic pg-app --from-literal=uri="postgres://prompted:secret@pg:5432/prompted?sslmode=disable"
  run k wait --for=condition=Ready pod/pg --timeout=120s
  await 60 sql "SELECT 1"
  # Scaled by CPU as well: the API server judges these objects, no metrics server is needed for that.
  installs external --set externalDatabase.existingSecret=pg-app --set mqreader.hpa.enabled=true --set collector.hpa.enabled=true
  [[ -z $(k get statefulset -o name) ]] || die "the chart brought a PostgreSQL of its own"
  [[ $(sql "SELECT version || ' ' || dirty FROM schema_migrations") == "$(find "$ROOT/migrations" -name '*.up.sql' | wc -l) false" ]] || die "not migrated"
  saw "an external database, migrated by the hook before the daemons came"
  [[ $(parts | sed 's#/.*##' | sort -u | wc -l) -eq 6 ]] || die "something is missing: $(parts)"
  run helm upgrade external "$chart" -n "$namespace" --wait --timeout 5m --reuse-values --set apigw.replicaCount=2
  saw "helm upgrade: $took s"
  run helm uninstall external -n "$namespace" --wait
  [[ -z $(parts) ]] || die "helm uninstall leaves $(parts)"
  saw "helm uninstall leaves nothing that runs"
}

kubectl version > "$log" 2>&1 || die "kubectl reaches no cluster"
! kubectl get namespace "$namespace" > /dev/null 2>&1 || die "namespace $namespace exists already"
run kubectl create namespace "$namespace"
began=1
run kubectl label namespace "$namespace" pod-security.kubernetes.io/warn=restricted
run k run too-free --image=none --dry-run=server
grep -q 'would violate PodSecurity' "$log" || die "this cluster judges no pod by the Pod Security Standards"
installs prompted
saw "all pods within the Pod Security Standard: restricted"
keeps_to_the_arrows
scales_and_rolls
survives_its_database
goes_back
uses_another_database
saw "kubernetes $(kubectl version -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["serverVersion"]["gitVersion"])')"
