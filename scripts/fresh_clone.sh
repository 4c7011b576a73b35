#!/bin/sh
# Runs the README's two commands like someone who has just cloned the repository: in a clone of the
# current commit, with empty caches and a fresh home. It runs them as the current user and, if that
# is root, again as an ordinary user. Run it by hand before a release:
#
#   scripts/fresh_clone.sh [commit]
#
# It downloads everything (some 150 MB each time). The exit code is 1 if a command failed or left a
# process behind. The output of failed commands is shown; FRESH_CLONE_VERBOSE=1 shows all output.
set -eu

repository=$(cd "$(dirname "$0")/.." && pwd)
commit=$(git -C "$repository" rev-parse "${1:-HEAD}")
# Postgres doesn't run for a user without a name. `nobody` has a name everywhere, and no rights.
ordinary_uid=$(id -u nobody)
ordinary_gid=$(id -g nobody)
folder=$(mktemp -d "${TMPDIR:-/tmp}/ingest-fresh-clone.XXXXXX")
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM HUP
failures=0

# as WHO COMMAND…: runs it in the clone. Of this shell's environment it gets only what downloads need.
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
  # Processes that still use files of this clone, a moment later.
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
