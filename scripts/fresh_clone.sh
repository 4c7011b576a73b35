#!/bin/sh
# Runs the README's two commands as somebody does who has just cloned the repository: a clone of
# the current commit, empty caches, a home of its own; once as whoever runs this and, if that is
# root, once more as an ordinary user. By hand, before a release:
#
#   scripts/fresh_clone.sh [commit]
#
# Downloads everything (some 150 MB each time). Exit code 1 if a command failed, or left a process
# behind. What a failed one printed is shown; FRESH_CLONE_VERBOSE=1 shows all.
set -eu

repository=$(cd "$(dirname "$0")/.." && pwd)
commit=$(git -C "$repository" rev-parse "${1:-HEAD}")
# Postgres doesn't run for a user without a name; this one has a name everywhere, and nothing else.
ordinary_uid=$(id -u nobody)
ordinary_gid=$(id -g nobody)
folder=$(mktemp -d "${TMPDIR:-/tmp}/ingest-fresh-clone.XXXXXX")
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM HUP
failures=0

# as WHO COMMAND…: in the clone, with nothing of this shell's environment but what downloads need.
as() {
  who=$1
  shift
  set -- env -i PATH="$PATH" HOME="$folder/$who/home" TMPDIR="$folder/$who/tmp" \
    DENO_DIR="$folder/$who/deno" npm_config_cache="$folder/$who/npm" \
    ${npm_config_registry:+npm_config_registry="$npm_config_registry"} \
    ${NPM_CONFIG_REGISTRY:+NPM_CONFIG_REGISTRY="$NPM_CONFIG_REGISTRY"} \
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    ${HTTPS_PROXY:+HTTPS_PROXY="$HTTPS_PROXY"} ${https_proxy:+https_proxy="$https_proxy"} \
    ${NO_PROXY:+NO_PROXY="$NO_PROXY"} ${no_proxy:+no_proxy="$no_proxy"} "$@"
  if [ "$who" = user ]; then
    set -- setpriv --reuid="$ordinary_uid" --regid="$ordinary_gid" --clear-groups "$@"
  fi
  (cd "$folder/$who/clone" && "$@")
}

# report WHO NAME COMMAND…: runs it and prints one line.
report() {
  who=$1
  name=$2
  shift 2
  log="$folder/$who.log"
  began=$(date +%s)
  code=0
  as "$who" "$@" >"$log" 2>&1 </dev/null || code=$?
  seconds=$(($(date +%s) - began))
  # What still runs with files of this clone, a moment later.
  sleep 1
  left=$(ps -A -ww -o pid=,args= 2>/dev/null | grep -F "$folder/$who/" | grep -vF grep || true)
  result=ok
  [ "$code" -eq 0 ] || result="FAILED with exit code $code"
  [ -z "$left" ] || result="$result, LEFT PROCESSES BEHIND"
  echo "$who: $name: $result, $seconds s: $(grep -v '^npm notice' "$log" | tail -n 1)"
  if [ "$result" != ok ]; then
    failures=$((failures + 1))
    tail -n 60 "$log"
    [ -z "$left" ] || echo "$left"
  elif [ -n "${FRESH_CLONE_VERBOSE:-}" ]; then
    cat "$log"
  fi
}

try_as() {
  mkdir -p "$folder/$1/home" "$folder/$1/tmp"
  git clone --quiet --no-hardlinks "$repository" "$folder/$1/clone"
  git -C "$folder/$1/clone" checkout --quiet "$commit"
  if [ "$1" = user ]; then chown -R "$ordinary_uid:$ordinary_gid" "$folder/$1"; fi
  report "$1" "scripts/deno task demo" scripts/deno task demo
  report "$1" "scripts/deno task test" scripts/deno task test
}

echo "commit $commit"
if [ "$(id -u)" -eq 0 ]; then
  try_as root
  try_as user
else
  try_as "$(id -un 2>/dev/null || id -u)"
fi
[ "$failures" -eq 0 ]
