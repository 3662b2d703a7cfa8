# shellcheck shell=bash
# Sourced after common.sh: the project's files by language, and the linter of those in Python.
cpp_files() { (cd "$ROOT" && find apps libs tests -type f \( -name '*.cpp' -o -name '*.hpp' \) | sort); }
# sh_files: the charts' scripts, which run in images without bash.
bash_files() { (cd "$ROOT" && git ls-files '*.sh' .ci | grep -v '^deploy/helm/'); }
sh_files() { (cd "$ROOT" && git ls-files 'deploy/helm/*.sh'); }

# Lines over 120 characters. Excluded: documents, texts shown to users verbatim (the OpenAPI texts, the charts' files),
# migrations, which stay as applied, a generated file, and two scripts of long quoted commands that need an engine or a
# cluster.
LONG_LINES_IN='\.(cpp|hpp|inc|in|sql|psql|sh|py|cmake)$|(^|/)CMakeLists\.txt$|^\.ci/|^Makefile$|^Dockerfile$'
NO_LONG_LINES_IN='^apps/.*(operations|schemas)\.cpp$|^libs/service/health_operations\.cpp$|^deploy/helm/'
NO_LONG_LINES_IN+='|^tests/(docker/live|helm/install)\.sh$|^migrations/0|^tests/unit/streamer/dcgm_excerpt\.hpp$'
long_lines() {
  cd "$ROOT" || return
  git ls-files -co --exclude-standard | grep -E "$LONG_LINES_IN" | grep -vE "$NO_LONG_LINES_IN" |
    { LC_ALL=C.UTF-8 xargs grep -HnoE '^.{121,}' || true; } | sed 's/\(.\{100\}\).*/\1 …/'
}

# From PyPI, because Debian 12 has none. It also lints and formats untracked files.
RUFF_VERSION=0.17.6
ruff() { (cd "$ROOT" && "$ROOT/build/venv-lint/bin/ruff" "$@"); }
install_ruff() { python_environment "$ROOT/build/venv-lint" "ruff==$RUFF_VERSION"; }
