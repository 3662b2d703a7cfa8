#!/usr/bin/env bash
# The Helm charts checked without a cluster; --update writes value schemas and golden renderings anew. Installs what is
# missing: helm and migrate by go, into build/helm, and Python packages into a virtual environment there.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

HELM_VERSION=v3.22.0
MIGRATE_VERSION=v4.19.1   # what the charts' Job runs
PYTHON_PACKAGES=(kubernetes-validate==1.37.0 PyYAML==6.0.3)
tools=$ROOT/build/helm
export PATH=$tools/bin:$PATH:/usr/local/bin:/usr/local/go/bin

"$HOST/packages.sh" "$HOST/packages.txt" "$HOST/packages-helm.txt"
mkdir -p "$tools"
# go_install PROGRAM ARGUMENTS...: unless it is on PATH
go_install() {
  local program=$1
  shift
  command -v "$program" > /dev/null && return
  command -v go > /dev/null || die "go is needed to install $program"
  say "installing $program"
  GOBIN=$tools/bin go install "$@"
}
go_install helm "helm.sh/helm/v3/cmd/helm@$HELM_VERSION"
go_install migrate -tags 'postgres,file' "github.com/golang-migrate/migrate/v4/cmd/migrate@$MIGRATE_VERSION"
wanted="${PYTHON_PACKAGES[*]}"
if [[ ! -x $tools/venv/bin/python || $(cat "$tools/venv/packages" 2> /dev/null) != "$wanted" ]]; then
  rm -rf "$tools/venv"
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install -q --disable-pip-version-check "${PYTHON_PACKAGES[@]}"
  printf '%s' "$wanted" > "$tools/venv/packages"
fi
for svc in "${SERVICES[@]}"; do [[ -x $ROOT/bin/$svc ]] || { "$HOST/build.sh"; break; }; done

exec "$tools/venv/bin/python" "$ROOT/tests/helm/check.py" "$@"
