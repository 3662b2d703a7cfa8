#!/usr/bin/env bash
# Installs the charts on the cluster of kubectl's current context, in their own namespace, and tests them. HELM_ARGS
# selects the images.
read -ra arguments <<< "${HELM_ARGS:-}"
exec "$(dirname "${BASH_SOURCE[0]}")/../../tests/helm/install.sh" "${arguments[@]}" "$@"
