#!/usr/bin/env bash
# Tests the images and the compose stack on a running engine. Wipes the data of this checkout's stack.
exec "$(dirname "${BASH_SOURCE[0]}")/../../tests/docker/live.sh"
