#!/bin/bash
# Writes the realm's numbers for the textfile collector of node_exporter, the whole file at once.
#   metrics.sh folder=PATH realm=KEY run=LINK servers=UNIT,… socket=PATH auth=NAME characters=NAME
#              backups=FOLDER user=NAME backup=FOLDER drill=FOLDER
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

# family NAME TYPE HELP, then its samples
family() { printf '# HELP trinity_%s %s\n# TYPE trinity_%s %s\n' "$1" "$3" "$1" "$2"; }
# sample NAME VALUE [LABEL=TEXT…]: nothing where there is no value.
sample() {
  local name=$1 value=$2 label text labels=()
  shift 2
  [[ -n $value ]] || return 0
  for label; do
    text=${label#*=}
    text=${text//\\/\\\\}
    labels+=("${label%%=*}=\"${text//\"/\\\"}\"")
  done
  printf 'trinity_%s%s %s\n' "$name" "${labels[*]:+{$(
    IFS=,
    printf '%s' "${labels[*]}"
  )\}}" "$value"
}

server_numbers() {
  local unit units up=() since=() memory=() began
  IFS=, read -r -a units <<<"${ARG[servers]}"
  for unit in "${units[@]}"; do
    read_unit "$unit" ActiveState ActiveEnterTimestamp NRestarts
    began=""
    [[ ${PROPERTY[ActiveState]} != active ]] || began=$(date -d "${PROPERTY[ActiveEnterTimestamp]}" +%s)
    up+=("$(sample server_up "$((began > 0))" server="${unit%.service}")")
    since+=("$(sample server_start_time_seconds "$began" server="${unit%.service}")")
    memory+=("$(sample server_restarts "${PROPERTY[NRestarts]-}" server="${unit%.service}")")
  done
  family server_up gauge "Whether the server is ready for players."
  printf '%s\n' "${up[@]}"
  family server_start_time_seconds gauge "Since when it is."
  printf '%s\n' "${since[@]}"
  family server_restarts gauge "How often systemd has started it again since somebody started it."
  printf '%s\n' "${memory[@]}"
}

realm_numbers() {
  local release
  family players gauge "Players in the world."
  sample players "$(players_online)" realm="${ARG[realm]}"
  release=$(readlink "${ARG[run]}") || release=""
  family release_info gauge "The release that is live."
  [[ -z $release ]] || sample release_info 1 release="${release##*/}"
}

# backup_numbers: the newest backup, and how the last run and the last trial went. All that is their user's to read.
backup_numbers() {
  local newest manifest record which
  newest=$(backup_names "${ARG[backups]}" | head -n 1)
  if [[ -n $newest ]]; then
    manifest=$(read_as_user "${ARG[user]}" "${ARG[backups]}/$newest/manifest")
    family backup_size_bytes gauge "Size of the newest backup."
    sample backup_size_bytes "$(awk -F '\t' '$1 == "file" { sum += $3 } END { printf "%.0f", sum }' <<<"$manifest")"
    family backup_time_seconds gauge "When it was made."
    sample backup_time_seconds "$(date -d "$(sed -n 's/^made\t//p' <<<"$manifest" | head -n 1)" +%s)"
  fi
  for which in backup drill; do
    record=$(read_as_user "${ARG[user]}" "${ARG[$which]}/last")
    [[ -n $record ]] || continue
    family "${which}_ok" gauge "Whether the last ${which} went well."
    sample "${which}_ok" "$(grep -qx $'ended\tsuccess' <<<"$record" && echo 1 || echo 0)"
    family "${which}_success_time_seconds" gauge "When a ${which} last went well."
    sample "${which}_success_time_seconds" "$(sed -n 's/^well\t\([0-9][0-9]*\)$/\1/p' <<<"$record" | head -n 1)"
  done
}

alert_numbers() {
  family conditions gauge "What the operator was told of and still holds, such as a disk that is full."
  sample conditions "$(find "$ALERTS/holds" -type f 2>/dev/null | wc -l)"
}

take_words "$@"
mkdir -p "${ARG[folder]}" || die "${ARG[folder]} could not be made" "it is set in trinitycore:metrics.folder"
{
  server_numbers
  realm_numbers
  backup_numbers
  alert_numbers
} | sed '/^$/d' | write_file "${ARG[folder]}/${JOB_PREFIX}${ARG[realm]}.prom" 0644 root:root
