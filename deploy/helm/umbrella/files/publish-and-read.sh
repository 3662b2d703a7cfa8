# Publishes one row at $MQWRITER and reads it back from $APIGW, each within $TRIES tries. The row has the idempotency key for
# its uuid, so a repeated publish is still one row, and an older row is never taken for this one.
uuid=$(cat /proc/sys/kernel/random/uuid)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
row="{\"gpu_id\":\"GPU-helm-test\",\"metric_name\":\"HELM_TEST\",\"timestamp\":\"$now\",\"value\":1}"

attempt() {   # until it succeeds, or fails for good
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt "${TRIES:-60}" ] || { echo "FAILED: $*" >&2; exit 1; }
    sleep 1
  done
}
publish() {
  timeout 10 wget -q -O - --header "Idempotency-Key: $uuid" --post-data "{\"topic\":\"telemetry\",\"messages\":[$row]}" \
    "$MQWRITER/v1/publish" && echo
}
read_back() {
  timeout 10 wget -q -O - "$APIGW/api/v1/gpus/GPU-helm-test/telemetry?start_time=$now" | grep -F "$uuid"
}

attempt publish
attempt read_back
echo "row $uuid was published and read back"
