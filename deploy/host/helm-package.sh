#!/usr/bin/env bash
# Packs the Helm charts into build/helm/*.tgz. build/helm/charts has the same charts as directories: deploy/helm plus
# the migrations, the sample and the dependencies.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v helm > /dev/null || die "helm is not installed"
out=$ROOT/build/helm
charts=$out/charts
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() { "$@" > "$log" 2>&1 || { cat "$log" >&2; die "helm failed: $*"; }; }

rm -rf "$charts" "$out"/*.tgz
mkdir -p "$out"
cp -r "$ROOT/deploy/helm" "$charts"
install -D -m 644 "$ROOT/samples/telemetry.csv" "$charts/streamer/files/telemetry.csv"
mkdir -p "$charts/umbrella/files"
cp -r "$ROOT/migrations" "$charts/umbrella/files/"
for chart in "${SERVICES[@]}" umbrella; do   # the umbrella last, because it contains the others
  quietly helm dependency update --skip-refresh "$charts/$chart"
  quietly helm package "$charts/$chart" -d "$out"
done
say "packed:" "$out"/*.tgz
