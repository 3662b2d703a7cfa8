#!/usr/bin/env bash
# The charts for real, on the cluster of kubectl's current context, in a namespace of their own. HELM_ARGS: where the
# images are.
read -ra arguments <<< "${HELM_ARGS:-}"
exec "$(dirname "${BASH_SOURCE[0]}")/../../tests/helm/install.sh" "${arguments[@]}" "$@"
