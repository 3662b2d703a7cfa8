#!/usr/bin/env bash
# Does what lies in the tables slow the pipeline down? bench-growth.sh [arguments of tests/bench/growth.py]
exec "$(dirname "${BASH_SOURCE[0]}")/bench.sh" growth "$@"
