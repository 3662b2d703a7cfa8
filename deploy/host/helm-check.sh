#!/usr/bin/env bash
# Checks the Helm charts without a cluster; --update regenerates value schemas and golden renderings. Installs missing
# tools in build/helm: helm and migrate with go, Python packages in a virtual environment.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source "$HOST/tools.sh"

HELM_VERSION=v3.22.0
tools=$ROOT/build/helm
export PATH=$tools/bin:$PATH:/usr/local/bin:/usr/local/go/bin

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-helm.txt"
mkdir -p "$tools"
go_install helm "$tools/bin" "helm.sh/helm/v3/cmd/helm@$HELM_VERSION"
install_migrate "$tools/bin"
python_environment "$tools/venv" kubernetes-validate==1.37.0 PyYAML==6.0.3
"$HOST/helm-package.sh" > /dev/null
for svc in "${SERVICES[@]}"; do [[ -x $ROOT/bin/$svc ]] || { "$HOST/build.sh"; break; }; done

exec "$tools/venv/bin/python" "$ROOT/tests/helm/check.py" "$@"
