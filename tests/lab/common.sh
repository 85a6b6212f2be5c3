# shellcheck shell=bash
# What the lab's scripts share: where the cache is, and how they print.

# shellcheck disable=SC2034  # used by those who source this
CACHE=${TRINITY_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trinitycore-stack}
# shellcheck disable=SC2034
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Each checkout has an engine home of its own, so that checkouts do not share plugins; they do share the engine itself.
# The lab never uses the user's ~/.pulumi. The engine fetches official plugins, into another home of their own.
# shellcheck disable=SC2034
PULUMI_HOME=$CACHE/checkouts/$(printf %s "$CHECKOUT" | sha256sum | cut -c 1-12)/pulumi-home
# shellcheck disable=SC2034
if [[ ${TRINITY_PLUGINS:-} == official ]]; then PULUMI_HOME=$CACHE/official/pulumi-home; fi

# Progress goes to stderr: stdout is for the answer, such as an address or a key.
line() { printf '%-9s%-66s %s\n' "$1" "$2" "${3:-}" >&2; }

die() {
  printf 'lab: %s\n' "$1" >&2
  shift
  if (($#)); then printf '     %s\n' "$@" >&2; fi
  exit 1
}

# elapsed START: prints the time since START (a value of $SECONDS), for people.
elapsed() {
  local s=$((SECONDS - $1))
  if ((s >= 60)); then echo "$((s / 60)) m $((s % 60)) s"; else echo "$s s"; fi
}
