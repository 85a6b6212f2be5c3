# shellcheck shell=bash
# The build's log, for people: how far the build is, and what went wrong.

# build_progress <log: a line for every percent, at most one a second; `== …` lines are the phases.
build_progress() {
  local line now percent since="" shown=-1 last
  printf -v last '%(%s)T' -1
  while IFS= read -r line; do
    case $line in
      '== Compiling,'*)
        since=${line##* }
        note "${line:3:${#line} - ${#since} - 11}"
        ;;
      '== '*) note "${line#== }" ;;
      '['*/*']'*)
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*)$ ]] || continue
        printf -v now '%(%s)T' -1
        # Ninja's first step only looks for new sources.
        ((BASH_REMATCH[1])) || continue
        percent=$((BASH_REMATCH[1] * 100 / BASH_REMATCH[2]))
        ((percent > shown && (now > last || percent == 100))) || continue
        shown=$percent last=$now
        note "$(progress_bar "$percent")  $(build_activity "${BASH_REMATCH[3]}")$(time_left "$((now - ${since:-now}))" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}")"
        ;;
    esac
  done
}

progress_bar() {
  local full="####################" none="...................."
  printf '[%s%s] %s%%' "${full:0:$1 / 5}" "${none:$1 / 5}" "$1"
}

# build_activity TEXT: what ninja builds, as a part of the source: `Building game/Entities`, `Linking worldserver`.
build_activity() {
  local inside
  if [[ $1 =~ ^Linking.*[/\ ]([^/\ ]+)$ ]]; then
    printf 'Linking %s' "${BASH_REMATCH[1]}"
  elif [[ $1 =~ CMakeFiles/([^/]+)\.dir/(.*)$ ]]; then
    inside=${BASH_REMATCH[2]}
    printf 'Building %s' "${BASH_REMATCH[1]}"
    [[ $inside != [A-Za-z]*/* || ${inside%%/*} == "${BASH_REMATCH[1]}" ]] || printf '/%s' "${inside%%/*}"
  else
    printf 'Building'
  fi
}

# time_left SECONDS DONE TOTAL: nothing while too little is done to estimate it.
time_left() {
  local left
  (($1 >= 10 && $2 * 50 >= $3)) || return 0
  left=$(($1 * ($3 - $2) / $2))
  if ((left >= 90)); then
    printf '  %s min left' $(((left + 30) / 60))
  elif ((left > 0)); then
    printf '  about a minute left'
  fi
}

# build_errors <log: the first errors of compiler, linker or cmake; the log's end when there are none.
build_errors() {
  local log found
  log=$(cat)
  found=$(grep -aE '(^|[ :])(fatal )?error:|undefined reference|CMake Error|: Killed|No space left on device' <<<"$log" | head -n 8) \
    || true
  [[ -n $found ]] || found=$(grep -a '^== failed' <<<"$log" | sed 's/^== failed: //') || true
  if grep -qa '^CMake Error' <<<"$log"; then found=$(grep -aA 6 -m 2 '^CMake Error' <<<"$log" | head -n 14); fi
  if [[ -n $found ]]; then printf '%s\n' "$found"; else tail -n 12 <<<"$log"; fi
}
