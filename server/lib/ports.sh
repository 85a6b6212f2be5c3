# shellcheck shell=bash
# What listens where.

# addresses_clash OTHER OURS: one port cannot be listened on at both addresses. `*` is all of IPv4 and IPv6, 0.0.0.0 all
# of IPv4.
addresses_clash() {
  local other=${1%%%*} ours=$2
  other=${other#[} other=${other%]} other=${other#::ffff:}
  [[ $other != '*' && $ours != :: ]] || return 0
  [[ $other != "$ours" ]] || return 0
  [[ $other != *:* && $ours != *:* && ($other == 0.0.0.0 || $ours == 0.0.0.0) ]]
}

# port_taken_by PORT ADDRESS [UNIT]: the process that listens there and is not UNIT's, in words; 1 when there is none.
port_taken_by() {
  local door process pid
  while read -r _ _ _ door _ process; do
    addresses_clash "${door%:*}" "$2" || continue
    if [[ ! $process =~ \(\(\"([^\"]*)\",pid=([0-9]+) ]]; then
      printf 'a process that cannot be seen from here (of a container, perhaps)\n'
      return
    fi
    process=${BASH_REMATCH[1]} pid=${BASH_REMATCH[2]}
    [[ -z ${3-} || $(unit_of "$pid") != "$3" ]] || continue
    printf '%s (pid %s of %s%s)\n' "$process" "$pid" "$(stat -c %U "/proc/$pid" 2>/dev/null)" "$(unit_of "$pid" ', ')"
    return
  done < <(ss -Hltnp "sport = :$1" 2>/dev/null)
  return 1
}

# unit_of PID [BEFORE]: the process's unit, with BEFORE in front; nothing when it is in none.
unit_of() {
  local line found=""
  while IFS= read -r line; do
    [[ ! $line =~ ^.*/([^/]+\.(service|scope))(/|$) ]] || found=${BASH_REMATCH[1]}
  done 2>/dev/null <"/proc/$1/cgroup"
  [[ -z $found ]] || printf '%s%s' "${2-}" "$found"
}
