#!/usr/bin/env bash
# Images and compose for real, where an engine answers; the data of this checkout's stack is wiped.
exec "$(dirname "${BASH_SOURCE[0]}")/../../tests/docker/live.sh"
