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

echo "clock $(date +%s)"
release=$(readlink "${ARG[run]-}") && echo "release ${release##*/}"
server "${ARG[authserver]-}"
server "${ARG[unit]-}"
online=$(players_online) && echo "players $online"
level=$(cat "$RECEIPTS/${ARG[row]-none}/maintenance" 2>/dev/null) && echo "maintenance $level"
df -B1 --output=avail,size "${ARG[root]-}" 2>/dev/null | awk 'NR == 2 { print "disk " $1 " " $2 }'
echo "memory $(memory MemAvailable /proc/meminfo) $(memory MemTotal /proc/meminfo)"
for job in build "${ARG[live]-}" "restart-${ARG[unit]%.service}" "restart-${ARG[authserver]%.service}"; do
  ! job_running "$job" || echo "job $job"
done
if ! has_login; then
  echo "no-login ${ARG[login]-}"
elif [[ $(systemctl show -P ActiveState "${ARG[unit]-}") == active ]]; then
  began=$(date +%s%3N)
  base64 -d <<<"${ARG[question]-}" | ask_line "${ARG[unit]-}"
  echo "asked $(($(date +%s%3N) - began))"
fi
echo end
