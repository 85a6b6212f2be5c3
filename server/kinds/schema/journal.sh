# shellcheck shell=bash
# Where going live is, written before each act, so that whoever comes after a kill or a reboot finishes or undoes it. A
# folder with the step's kind, args and name as the job has them, the records from before, and `state`:
#   to, from        the release that goes live, and the one that was live; `from` is empty where there was none
#   stage           trial, stopping, migrating, switching, probing; undoing and undone on the way back
#   units           the servers that ran and have to run again
#   pending         the roles whose databases the release changes; backup_ROLE is the backup with one from before
#   rollback        yes: the operator goes back; back_ROLE is the backup that its database is restored from
#   first           yes: databases are filled for the first time
#   stopped         when players were put out, in seconds
#   room            a file that keeps room free on MariaDB's disk for the way back
#   why, blame      on the way back: why; blame says that it is the release's own fault

live_journal() { printf '%s/going-live' "$(records_folder)"; }

declare -gA LIVE=()
read_journal() {
  LIVE=()
  [[ -d $(live_journal) ]] && read_fields "$(live_journal)/state" LIVE
}

# note_live KEY=VALUE…: on record before the next act.
note_live() {
  local word
  for word; do LIVE[${word%%=*}]=${word#*=}; done
  write_state "$(live_journal)"
}
# try_note_live KEY=VALUE…: on the way back even a full disk must not keep the servers from starting.
try_note_live() {
  local word
  for word; do LIVE[${word%%=*}]=${word#*=}; done
  (write_state "$(live_journal)") || true
}
write_state() {
  local key
  for key in "${!LIVE[@]}"; do printf '%s=%s\n' "$key" "${LIVE[$key]}"; done | write_file "$1/state" 0600 0:0
}

# begin_journal ID: nothing of the realm has been touched yet.
begin_journal() {
  local new each
  new=$(live_journal).new
  LIVE=([to]=$1 [from]=$(release_at "${ARG[root]-}/run") [stage]=trial [units]=$(servers_to_restart | paste -sd ' '))
  [[ -f ${ARG[root]-}/releases/${LIVE[from]}/.good ]] || LIVE[from]=""
  rm -rf "$new"
  {
    install -d -m 0700 "${new%/*}" "$new" && cp "$REQUEST/kind" "$new/kind" && printf '%s' "$STEP" >"$new/step" &&
      for each in "${!ARG[@]}"; do printf '%s=%s\0' "$each" "${ARG[$each]}"; done >"$new/args" &&
      keep_record "$(schema_record)" "$new" && keep_record "$(tables_record)" "$new" &&
      # Room for what has to be put on record should the disk be full later on.
      head -c 4M /dev/urandom >"$new/room"
  } || die "going live could not be put on record in $new; nothing was changed" "is the disk full? df -h $STATE_DIR"
  write_state "$new"
  watch_boot
  rm -rf "$(live_journal)"
  forget_former_data
  mv -T "$new" "$(live_journal)" && sync "${new%/*}"
}

# keep_record FILE FOLDER, put_back_record FILE: as it was when this began, also when there was none. Putting it back
# takes no room on a full disk.
keep_record() { if [[ -f $1 ]]; then cp -p "$1" "$2"; else : >"$2/${1##*/}.none"; fi; }
put_back_record() {
  local before
  before=$(live_journal)/${1##*/}
  if [[ -f $before ]]; then mv -fT "$before" "$1"; elif [[ -f $before.none ]]; then rm -f "$1"; fi
}

# keep_room: room on MariaDB's disk, before the databases are changed: it may be full by the time that they are to come
# back.
keep_room() {
  local role most=0 bytes data file
  [[ -n ${LIVE[pending]-} ]] || return 0
  for role in ${LIVE[pending]}; do
    bytes=$(dump_bytes "${LIVE[backup_$role]}" "${ARG[$role]}") || bytes=0
    ((bytes <= most)) || most=$bytes
  done
  data=$(sql <<<'SELECT @@datadir')
  file=${data%/}/$KEPT_ROOM
  note_live room="$file"
  rm -f "$file"
  # As much as room_for_tables asks for.
  fallocate -l $((most * 2 + 64 * 1048576)) "$file" 2>/dev/null || {
    rm -f "$file"
    note "no room is kept for a way back: $(df --output=target "$data" | tail -n 1) has $(free_mb "$data") MB free"
  }
}
# give_room: what was kept, there and among the records, is free.
give_room() { rm -f "$(live_journal)/room" ${LIVE[room]:+"${LIVE[room]}"}; }

# dump_bytes BACKUP DATABASE: how long the dump is, unpacked.
dump_bytes() {
  read_backup "$1" manifest | awk -F '\t' -v file="$2.sql.zst" \
    '$1 == "file" && $2 == file { print $5; found = 1 } END { exit !found }'
}

end_journal() {
  local gone
  give_room
  gone=$(live_journal).gone
  rm -rf "$gone"
  [[ ! -d $(live_journal) ]] || mv -T "$(live_journal)" "$gone"
  rm -rf "$gone"
  if [[ -f /etc/systemd/system/$LIVE_BOOT_UNIT ]]; then
    with_lock systemd systemctl disable --quiet "$LIVE_BOOT_UNIT" 2>/dev/null || true
    rm -f "/etc/systemd/system/$LIVE_BOOT_UNIT"
    daemon_reload
  fi
}

# watch_boot: should the host go down meanwhile, the next boot comes here before it starts the servers.
watch_boot() {
  write_file "/etc/systemd/system/$LIVE_BOOT_UNIT" 0644 root:root <<UNIT || exit 1
[Unit]
Description=Finishes or undoes a change of TrinityCore's release that was cut off
Wants=${ARG[mariadb]-}
After=${ARG[mariadb]-}
Before=$(units_of_realm | paste -sd ' ') ${LIVE[units]}
ConditionPathExists=$(live_journal)

[Service]
Type=oneshot
ExecStart=/bin/bash $SCRIPTS_DIR/current/units/going-live.sh boot
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
UNIT
  daemon_reload
  with_lock systemd systemctl enable --quiet "$LIVE_BOOT_UNIT" || die "$LIVE_BOOT_UNIT could not be enabled; nothing was changed"
}
