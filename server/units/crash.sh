#!/bin/bash
# A server that ended by itself, and that systemd starts again.
#   crash.sh note SERVER ROOT   before that start, as root: notes how it ended, and waits until MariaDB answers
#   crash.sh tell SERVER        in a unit of its own: keeps what the server left behind, and tells the operator once it
#                               is known whether it runs again
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
umask 077
server=$2 KEPT=10

note_end() {
  local root=$1 file ended
  journalctl --sync 2>/dev/null || true
  ended=$(last_end)
  # 2 is the command `server restart`, given by a game master.
  [[ $ended != exited/2 ]] || return 0
  file=$CRASH_NOTES/$server/$(date +%s%N)
  install -d -m 0755 "$RUNTIME_DIR" && mkdir -p "${file%/*}" && printf '%s\n%s\n%s\n' "${ended:-unknown}" "$root" \
    "$(date +%s)" >"${file%/*}/.new" && mv -T "${file%/*}/.new" "$file"
  systemctl start --quiet --no-block "$CRASH_UNIT$server.service" 2>/dev/null
  # shellcheck disable=SC2154 # sql reads it
  ARG[socket]=$(told_socket)
  [[ -z ${ARG[socket]} ]] || await_mariadb
}

# last_end: `CODE/STATUS` of the last process of the server that systemd saw end: `exited/1`, `dumped/11`.
last_end() {
  journalctl -q -o cat --no-pager -n 200 UNIT="$server.service" 2>/dev/null |
    sed -nE "s|^$server\.service: Main process exited, code=([a-z]+), status=([0-9]+)/.*|\1/\2|p" | tail -n 1
}

# told_socket: MariaDB's, as the receipt of its step has it.
told_socket() {
  local receipt
  for receipt in "$RECEIPTS"/*/; do
    [[ $(cat "$receipt/kind" 2>/dev/null) != mariadb ]] || tr '\0' '\n' <"$receipt/args" | sed -n 's/^socket=//p'
  done | head -n 1
}

# await_mariadb: each try that fails for want of MariaDB would count, and after four the server stays down.
await_mariadb() {
  local end=$((SECONDS + ${AWAIT_SECONDS:-600})) said
  while ! said=$(sql <<<'SELECT 1' 2>&1 >/dev/null); do
    # With any other complaint MariaDB does answer.
    [[ $said =~ ERROR\ (2002|2006|2013|1040)\  ]] || return 0
    : >"$CRASH_NOTES/$server.away"
    condition_holds database-away "" "MariaDB does not answer: ${said##*$'\n'}" "the $server waits for it"
    ((SECONDS < end)) || return 0
    sleep 1
  done
  condition_is_over database-away "" "MariaDB answers again"
}

tell_all() {
  local note state lines=() sentence="" began event=unit-failed how away="" kept=""
  read_unit "$server.service" User StartLimitBurst StartLimitIntervalUSec
  while :; do
    for note in "$CRASH_NOTES/$server"/*; do
      [[ -f $note ]] || continue
      mapfile -t lines <"$note"
      how=$(ending_words "${lines[0]}") began=${lines[2]}
      keep_remains "${lines[1]}"
      ! lost_database "$kept" || away=yes
      rm -f "$note"
    done
    state=$(systemctl show -P ActiveState "$server.service")
    case $state in
      active | failed | inactive) [[ -n $(ls "$CRASH_NOTES/$server" 2>/dev/null) ]] || break ;;
    esac
    sleep 1
  done
  [[ -n $kept ]] || return 0
  [[ ! -e $CRASH_NOTES/$server.away ]] || away=yes
  rm -f "$CRASH_NOTES/$server.away"
  [[ -z $away ]] || event=database-away
  case $state in
    active)
      sentence="$server ended by itself ($how), and runs again after $(duration $(($(date +%s) - began)))"
      [[ -z $away ]] || sentence="$server ended ($how) while MariaDB was away, and runs again"
      ALERT_OF=$server alert "$event" "$sentence" "${remains[@]}"
      ;;
    failed) condition_holds crash-loop "$server" "$(stays_down)" "${remains[@]}" ;;
    *) ALERT_OF=$server alert "$event" "$server ended by itself ($how), and was stopped then" "${remains[@]}" ;;
  esac
}

stays_down() {
  printf '%s stays down: it ended too often (%s times within %s), last with %s; once that is mended: npm run realm -- start' \
    "$server" "${PROPERTY[StartLimitBurst]}" "${PROPERTY[StartLimitIntervalUSec]}" "$how"
}

# ending_words CODE/STATUS
ending_words() {
  case $1 in
    exited/*) printf 'status %s' "${1#*/}" ;;
    killed/* | dumped/*) printf 'signal %s' "$(kill -l "${1#*/}" 2>/dev/null || printf %s "${1#*/}")" ;;
    *) printf 'how is not known' ;;
  esac
}

# lost_database KEPT: the log's end complains of MariaDB.
lost_database() {
  tail -qn 100 "$1"/*.log 2>/dev/null | grep -qaE \
    'MySQL errno (2002|2003|2006|2013)|Lost the connection to the MySQL|Failed to reconnect to the MySQL|connect to (local )?(MySQL )?server'
}

# keep_remains ROOT: the log of the server that ended, its journal, and what a core dump says, in a folder of root's;
# fills kept with it, and remains with lines for the operator.
keep_remains() {
  local log core name program
  kept=$CRASHES/$server/$(date -u -d "@$began" +%FT%H%M%SZ)
  install -d -m 0755 "$JOB_LOGS" && mkdir -p "$kept"
  remains=("kept in $kept")
  program=$(systemctl show -P ExecStart "$server.service" |
    sed -nE 's#.* (/[^ ]*/bin/(auth|world)server) .*#\1#p' | head -n 1)
  name=Server
  [[ $program != */authserver ]] || name=Auth
  # The start has set the log aside. The folder is the service user's, who could put a link there.
  # shellcheck disable=SC2012,SC2016 # names without blanks, by time; the other shell expands it
  log=$(as_user "${PROPERTY[User]:-nobody}" sh -c 'ls -t "$1"/"$2".????-??-??_??????.log 2>/dev/null | head -n 1' sh \
    "$1/logs" "$name")
  [[ -z $log ]] || as_user "${PROPERTY[User]:-nobody}" tail -c 5000000 "$log" >"$kept/$name.log" 2>/dev/null
  journalctl -q -o short-iso --no-pager -n 300 _SYSTEMD_UNIT="$server.service" + UNIT="$server.service" \
    >"$kept/journal" 2>/dev/null
  [[ ${lines[0]} != dumped/* ]] || core_dump "$1" "$program"
  if [[ -s $kept/$name.log ]]; then
    remains+=("the end of its log:")
    mapfile -t -O "${#remains[@]}" remains < <(tail -n 12 "$kept/$name.log" | cut -c -300)
  fi
  thin_out
}

# core_dump ROOT PROGRAM: where it is, and a backtrace.
core_dump() {
  local core since
  printf -v since '@%s' $((began - 120))
  if coredumpctl -q --no-pager -1 --since "$since" info COREDUMP_UNIT="$server.service" >"$kept/backtrace" 2>/dev/null; then
    remains+=("core dump: $(sed -n 's/^ *Storage: //p' "$kept/backtrace"); coredumpctl gdb COREDUMP_UNIT=$server.service")
  else
    # shellcheck disable=SC2016 # the other shell expands it
    core=$(as_user "${PROPERTY[User]:-nobody}" sh -c \
      'find "$1" -maxdepth 1 -type f -name "core*" -newermt "$2" -printf "%T@ %p\n" | sort -rn | head -n 1' sh \
      "$1/work/${program##*/}" "$since" 2>/dev/null)
    core=${core#* }
    if [[ -n $core ]]; then
      remains+=("core dump: $core")
      ! command -v gdb >/dev/null ||
        as_user "${PROPERTY[User]:-nobody}" timeout 120 nice -n 19 gdb -nx -batch -ex 'bt 40' "$2" "$core" \
          >"$kept/backtrace" 2>/dev/null
    fi
  fi
  if grep -q '^ *#0 ' "$kept/backtrace" 2>/dev/null; then
    remains+=("backtrace (all of it in $kept/backtrace):")
    mapfile -t -O "${#remains[@]}" remains < <(grep -E '^ *#[0-9]+ ' "$kept/backtrace" | uniq | head -n 12 | cut -c -300)
  else
    rm -f "$kept/backtrace"
  fi
}

thin_out() {
  local old=("$CRASHES/$server"/*/)
  while ((${#old[@]} > KEPT)); do rm -rf -- "${old[0]}" && old=("${old[@]:1}"); done
}

case $1 in
  note) note_end "$3" ;;
  tell) tell_all ;;
  *) exit 2 ;;
esac
