# shellcheck shell=bash
# How far an extractor is. What it prints is kept back until there is a page of it, so what it has written counts too.

# tell_until_ended STAGE PID: a line now and then, with how many seconds it took until then.
tell_until_ended() {
  local every=${EXTRACT_TELLS_EVERY:-1} began=$SECONDS
  while kill -0 "$2" 2>/dev/null && [[ $(ps_state "$2") != Z ]]; do
    printf 'at %s %s %s %s\n' "$1" "$(percent "$1")" "$(made "$1")" $((SECONDS - began))
    sleep "$every"
  done
}
ps_state() { sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null; }

# folders STAGE: what it makes.
folders() {
  case $1 in
    maps) echo dbc maps Cameras ;;
    buildings) echo Buildings ;;
    *) echo "$1" ;;
  esac
}

# made STAGE: how many files, and how many bytes, also where one of its folders was not made.
made() {
  local each
  read -r -a each <<<"$(folders "$1")"
  { find "${each[@]}" -type f -printf '%s\n' 2>/dev/null || true; } |
    awk '{ bytes += $1 } END { printf "%d %d\n", NR, bytes }'
}

# percent STAGE: of a hundred, by what its extractor has printed.
percent() {
  tr '\r' '\n' <"log/$1" 2>/dev/null | case $1 in
    maps) awk 'match($0, /\([0-9]+\/[0-9]+\)/) { split(substr($0, RSTART + 1, RLENGTH - 2), n, "/") }
      END { printf "%d", n[2] ? 100 * (n[1] - 1) / n[2] : 0 }' ;;
    # Each map counts for as many tiles as it has; a # is one of its 64 rows, and a building's name ends the line.
    buildings) awk -v maps="$(find maps -name '*.map' -printf '%f\n' 2>/dev/null | cut -c 1-3 | tr '\n' ' ')" '
      BEGIN { total = split(maps, each, " "); for (i in each) tiles[each[i] + 0]++ }
      /^Processing Map/ { past += tiles[now]; tiles[now] = 0; now = $3; rows = 0 }
      match($0, /^\[?#+/) { rows += RLENGTH - (/^\[/ ? 1 : 0) }
      END { printf "%d", total ? 100 * (past + tiles[now] * rows / 64) / total : 0 }' ;;
    # First a tree for each map, then each model.
    vmaps) awk -v models="$(find Buildings -type f 2>/dev/null | wc -l)" '
      /^spawning Map/ { maps++ } /^Creating map tree/ { trees++ } /^Converting / { converted++ }
      END { printf "%d", (maps ? 50 * trees / maps : 0) + (models && converted < models ? 50 * converted / models : 0) }' ;;
    mmaps) awk '/^[0-9]+% / { percent = $1 } END { printf "%d", percent }' ;;
  esac
}
