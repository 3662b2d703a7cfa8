# shellcheck shell=bash
# Sourced after common.sh: converts a DATABASE_URL accepted by the daemons into one accepted by psql
# (libs/postgres/dsn.cpp does the same for libpq, with the same two lists).
is_runtime_parameter() { [[ $1 == *.* ]] || grep -qxF "\"$1\"," "$ROOT/libs/postgres/runtime_parameters.inc"; }
is_driver_parameter() { [[ $1 == x-* ]] || grep -qxF "\"$1\"," "$ROOT/libs/postgres/driver_parameters.inc"; }

# Prints the converted DSN. Server parameters (search_path=…) become `options`, driver parameters (pool_max_conns=…) are
# dropped, and psql rejects the rest by name. libpq ignores PGOPTIONS if there are `options`, so both are joined.
libpq_dsn() {   # DSN
  local LC_ALL=C
  if [[ $1 =~ ^postgres(ql)?:// ]]; then libpq_url "$1"; else libpq_pairs "$1"; fi
}

libpq_url() {
  local url=$1 head query='' pair name value before='' options='' kept='' given=${PGOPTIONS:-}
  [[ $url =~ ^[a-z]+://([^/@]*@)?[^?]* ]]   # a password may hold a question mark
  head=${BASH_REMATCH[0]}
  [[ $head == "$url" ]] || query=${url:${#head}+1}
  [[ -n $query ]] || { printf '%s' "$url"; return; }
  given=${given//%/%25} given=${given//&/%26} given=${given//=/%3D} before=${given// /%20}
  local IFS='&' -
  set -f   # no globbing: a * is literal here
  for pair in $query; do
    name=${pair%%=*} value=${pair#*=}
    if [[ $name == options ]]; then before=$value
    elif is_driver_parameter "${name,,}"; then continue
    elif is_runtime_parameter "${name,,}"; then
      # The server splits options at blanks not preceded by a backslash. All of it is percent-encoded.
      value=${value//\\/%5C} value=${value//%5[cC]/%5C%5C} value=${value// /%20} value=${value//%20/%5C%20}
      value=${value//%09/%5C%09} value=${value//%0[aA]/%5C%0A}
      options+="%20-c%20${name,,}%3D$value"
    else kept+="&$pair"; fi
  done
  if [[ -n $options ]]; then kept+="&options=$before$options"
  elif [[ $query == *options=* ]]; then kept+="&options=$before"
  fi
  printf '%s' "$head${kept:+?${kept#&}}"
}

libpq_pairs() {
  local rest=$1 name value whole before=${PGOPTIONS:-} options='' kept='' named=false
  local pair="^[[:space:]]*([^=[:space:]]+)[[:space:]]*=[[:space:]]*"
  pair+="('(([^'\\\\]|\\\\.)*)'|([^'[:space:]]([^[:space:]\\\\]|\\\\.)*|))([[:space:]].*|)\$"
  while [[ $rest == *[![:space:]]* ]]; do
    [[ $rest =~ $pair ]] || { printf '%s' "$1"; return; }   # psql reports the error
    name=${BASH_REMATCH[1]} whole=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]:-${BASH_REMATCH[5]}}
    rest=${BASH_REMATCH[7]}
    value=$(sed -E 's/\\(.)/\1/g' <<< "$value")
    if [[ $name == options ]]; then before=$value named=true
    elif is_driver_parameter "${name,,}"; then continue
    elif is_runtime_parameter "${name,,}"; then
      value=${value//\\/\\\\}
      options+=" -c ${name,,}=${value// /\\ }"
    else kept+=" $name=$whole"; fi
  done
  options=$before$options
  if [[ -n $options && ( $named == true || $options != "${PGOPTIONS:-}" ) ]]; then
    options=${options//\\/\\\\}
    kept+=" options='${options//\'/\\\'}'"
  fi
  printf '%s' "${kept# }"
}
