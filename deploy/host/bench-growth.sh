#!/usr/bin/env bash
# Measures whether existing table contents slow the pipeline down: bench-growth.sh [arguments of tests/bench/growth.py]
exec "$(dirname "${BASH_SOURCE[0]}")/bench.sh" growth "$@"
