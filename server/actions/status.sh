#!/bin/bash
# How a realm is, a `key value` line each; actions/status.ts reads them. The request in `question` is put to the
# worldserver.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
# shellcheck source=server/actions/ask.sh
. "${BASH_SOURCE[0]%/*}/ask.sh"

know_socket "${ARG[database]-}"

# server UNIT: since when it is what it is, in seconds, and the memory that it takes, in bytes.
server() {
  local since memory
  read_unit "$1" ActiveState SubState ActiveEnterTimestamp MainPID
  since=$(date -d "${PROPERTY[ActiveEnterTimestamp]-}" +%s 2>/dev/null) || since=0
  # What systemd counts has the kernel's cache of files in it.
  memory=$(memory VmRSS "/proc/${PROPERTY[MainPID]:-0}/status")
  printf 'server %s %s %s %s %s\n' "$1" "${PROPERTY[ActiveState]:-unknown}" "${PROPERTY[SubState]:-unknown}" "$since" \
    "${memory:-0}"
}
# memory KEY FILE: in bytes.
memory() { awk -v key="$1:" '$1 == key { printf "%.0f\n", $2 * 1024 }' "$2" 2>/dev/null; }

# newest_backed_up: when the newest backup was made, how many there are, and the size of each dump in it.
newest_backed_up() {
  local names manifest
  know_backups || return 0
  mapfile -t names < <(backup_names "$BACKUP_FOLDER")
  ((${#names[@]})) || return 0
  manifest=$(read_backup "${names[0]}" manifest)
  printf 'backup %s %s\n' "$(date -d "$(sed -n 's/^made\t//p' <<<"$manifest" | head -n 1)" +%s 2>/dev/null || echo 0)" \
    "${#names[@]}"
  sed -nE 's/^file\t(.*)\.sql\.zst\t([0-9]+)\t.*/dump \2 \1/p' <<<"$manifest"
}

echo "clock $(date +%s)"
if release=$(readlink "${ARG[run]-}"); then
  echo "release ${release##*/}"
  tail -n 1 "$(live_history)" 2>/dev/null | awk -F '\t' -v live="${release##*/}" '$3 == live { print "went", $1, $4 }'
fi
server "${ARG[authserver]-}"
server "${ARG[unit]-}"
online=$(players_online) && echo "players $online"
level=$(cat "$RECEIPTS/${ARG[row]-none}/maintenance" 2>/dev/null) && echo "maintenance $level"
df -B1 --output=avail,size "${ARG[root]-}" 2>/dev/null | awk 'NR == 2 { print "disk " $1 " " $2 }'
echo "memory $(memory MemAvailable /proc/meminfo) $(memory MemTotal /proc/meminfo)"
for job in build "${ARG[live]-}" "restart-${ARG[unit]%.service}" "restart-${ARG[authserver]%.service}"; do
  ! job_running "$job" || echo "job $job"
done
# A line for each of the stack's timers that keep a record: STEP ENDED AT WELL NEXT WHY, 0 for a time that is not known.
for receipt in "$RECEIPTS"/*/; do
  if [[ $(cat "$receipt/kind" 2>/dev/null) != timer ]] || ! completed "$(basename "$receipt")"; then continue; fi
  (
    load_kind timer
    load_request "$receipt"
    [[ -n ${ARG[record]-} ]] || exit 0
    ended="" at="" well="" why=""
    read_record
    next=0
    [[ -z ${ARG[schedule]-} ]] || next=$(calendar_after "$(date +%s)" "${ARG[schedule]}") || next=0
    printf 'timer %s %s %s %s %s %s\n' "$(basename "$receipt")" "${ended:--}" "${at:-0}" "${well:-0}" "$next" \
      "$(printable "$why")"
    [[ $(basename "$receipt") != backup ]] || newest_backed_up
  )
done
[[ ! -f $(last_update) ]] || sed -nE 's/^(at|by|did|said)=(.*)/update \1 \2/p' "$(last_update)"
for file in "$ALERTS"/holds/*; do
  [[ ! -f $file ]] || printf 'holds %s %s %s\n' "$(stat -c %Y "$file")" "$(basename "$file")" "$(printable "$(head -n 1 "$file")")"
done
[[ ! -f $ALERTS/failed ]] || printf 'unsent %s\n' "$(printable "$(head -n 1 "$ALERTS/failed")")"
if ! has_login; then
  echo "no-login ${ARG[login]-}"
elif [[ $(systemctl show -P ActiveState "${ARG[unit]-}") == active ]]; then
  began=$(date +%s%3N)
  base64 -d <<<"${ARG[question]-}" | ask_line "${ARG[unit]-}"
  echo "asked $(($(date +%s%3N) - began))"
fi
echo end
