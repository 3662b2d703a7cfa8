#!/usr/bin/env bash
# Explains how to load data.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cat <<SEED
No seeding is needed: the streamer loops over its CSV file and publishes each row with the current time.
To stream another file:   STREAMER_CSV_PATH=/path/to/dcgm.csv make up
To publish a single row:
  curl $(url_of mqwriter)/v1/publish -d '{"topic":"telemetry","messages":[{"gpu_id":"GPU-0a1b2c3d",
    "metric_name":"DCGM_FI_DEV_GPU_UTIL","timestamp":"$(date -u +%FT%TZ)","value":42}]}'
SEED
