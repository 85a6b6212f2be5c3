#!/bin/bash
# What is looked at every ten minutes: each thing is told when it begins and when it ends. It also has those alerts sent
# that could not be sent before.
#   watch.sh disk=MB memory=MB folders=PATH,… servers=UNIT,… mariadb=UNIT socket=PATH
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# watch_disks: that of MariaDB too, wherever its data are.
watch_disks() {
  local folders folder free mount least=${ARG[disk]}
  local -A seen=()
  IFS=, read -r -a folders <<<"${ARG[folders]}"
  folder=$(sql <<<'SELECT @@datadir' 2>/dev/null) && folders+=("${folder%/}")
  for folder in "${folders[@]}"; do
    read -r free mount < <(df -Pm "$folder" 2>/dev/null | awk 'NR == 2 { print $4, $6 }') || continue
    [[ -z ${seen[$mount]-} ]] || continue
    seen[$mount]=1
    if ((free < least)); then
      condition_holds disk-short "$mount" "$free MB are free on $mount" "df -h $mount; du -xh --max-depth=2 $folder | sort -h"
    # A little more than wanted, so that it does not end and begin again all the time.
    elif ((free > least * 11 / 10)); then
      condition_is_over disk-short "$mount" "$free MB are free on $mount again"
    fi
  done
}

watch_memory() {
  local free least=${ARG[memory]}
  free=$(awk '$1 == "MemAvailable:" || $1 == "SwapFree:" { sum += $2 } END { printf "%d", sum / 1024 }' /proc/meminfo)
  if ((free < least)); then
    condition_holds memory-short "" "$free MB of memory are free, swap included" \
      "most of it have: $(ps -eo rss=,comm= --sort=-rss | awk 'NR <= 5 { printf "%s%s %d MB", NR > 1 ? ", " : "", $2, $1 / 1024 }')"
  elif ((free > least * 11 / 10)); then
    condition_is_over memory-short "" "$free MB of memory are free again"
  fi
}

# watch_mariadb: whether it answers, and whether it had to be started again by itself, which takes the servers along.
watch_mariadb() {
  local said record=$RUNTIME_DIR/mariadb.restarts before now
  if said=$(sql <<<'SELECT 1' 2>&1 >/dev/null); then
    condition_is_over database-away "" "MariaDB answers again"
  else
    condition_holds database-away "" "MariaDB does not answer: $(printable "${said##*$'\n'}")" \
      "${ARG[mariadb]} is $(systemctl show -P ActiveState "${ARG[mariadb]}"): journalctl -u ${ARG[mariadb]}"
  fi
  now=$(systemctl show -P NRestarts "${ARG[mariadb]}") && [[ $now =~ ^[0-9]+$ ]] || return 0
  before=$(cat "$record" 2>/dev/null) || before=$now
  ((now <= before)) ||
    ALERT_OF=${ARG[mariadb]} alert database-away \
      "MariaDB ended by itself and was started again at $(systemctl show -P ActiveEnterTimestamp "${ARG[mariadb]}")" \
      "the servers were restarted along with it; what players did since they were last saved is lost" \
      "journalctl -u ${ARG[mariadb]}"
  mkdir -p "$RUNTIME_DIR" && printf '%s\n' "$now" >"$record"
}

# watch_server NAME: it failed, or lost MariaDB without ending.
watch_server() {
  local why
  [[ ! -d $CRASH_NOTES/$1 || -z $(ls "$CRASH_NOTES/$1") ]] ||
    systemctl start --quiet --no-block "$CRASH_UNIT$1.service" 2>/dev/null
  read_unit "$1.service" ActiveState Result ExecMainStatus
  case ${PROPERTY[ActiveState]} in
    failed)
      [[ -e $(condition_file crash-loop "$1") ]] ||
        condition_holds unit-failed "$1" "$1 is down: it failed (${PROPERTY[Result]}, status ${PROPERTY[ExecMainStatus]})" \
          "journalctl -u $1 says why"
      ;;
    active)
      condition_is_over unit-failed "$1" "$1 runs again"
      condition_is_over crash-loop "$1" "$1 runs again"
      why=$(why_half_dead "$1")
      if [[ -n $why ]]; then
        condition_holds database-away "$1" "$why" "it saves nothing any more: npm run realm -- restart $1 --now"
      else
        condition_is_over database-away "$1" "$1 has MariaDB again"
      fi
      ;;
  esac
}

# why_half_dead NAME: as the step of the server sees it.
why_half_dead() {
  local receipt=$RECEIPTS/$1
  completed "$1" || return 0
  (
    load_request "$receipt"
    read_unit "${ARG[unit]}" User
    lost_mariadb | head -n 1
  ) 2>/dev/null
}

# watch_timers: those with a record of how they ended: a run that did not come. One that failed has told that itself.
watch_timers() {
  local receipt why
  for receipt in "$RECEIPTS"/*/; do
    receipt=${receipt%/}
    if [[ $(cat "$receipt/kind" 2>/dev/null) != timer ]] || ! completed "${receipt##*/}"; then continue; fi
    why=$(
      load_kind timer
      load_request "$receipt"
      [[ -z ${ARG[record]-} ]] || overdue
    ) 2>/dev/null || continue
    if [[ -n $why ]]; then
      condition_holds "$(overdue_event "${receipt##*/}")" "${receipt##*/}" "$why" "systemctl list-timers"
    else
      condition_is_over "$(overdue_event "${receipt##*/}")" "${receipt##*/}" "the ${receipt##*/} has run again"
    fi
  done
}
overdue_event() {
  case $1 in
    backup) echo backup-overdue ;;
    *drill) echo drill-overdue ;;
    *) echo update-failed ;;
  esac
}

# trim_record: the alerts of long ago.
trim_record() {
  (($(wc -l <"$ALERTS/record" 2>/dev/null || echo 0) > 1000)) || return 0
  tail -n 500 "$ALERTS/record" | write_file "$ALERTS/record" 0600 root:root
}

take_words "$@"
IFS=, read -r -a servers <<<"${ARG[servers]}"
watch_disks
watch_memory
watch_mariadb
for server in "${servers[@]}"; do (watch_server "${server%.service}"); done
watch_timers
trim_record
[[ -z $(ls "$ALERTS/waiting" "$ALERTS_IN_MEMORY/waiting" 2>/dev/null) ]] ||
  systemctl start --quiet --no-block "$ALERT_UNIT" 2>/dev/null || true
