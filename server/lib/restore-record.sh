# shellcheck shell=bash
# Where a restore is, written before each act, so that whoever comes after a kill or a reboot can undo it: a restore
# that did not come to its end leaves all as it was. A folder with the job's kind, step and args, `tables` (the schema
# step's record from before), and `state`:
#   stage      loading, stopping, swapping, starting; kept when the restored databases stay
#   servers    the units that ran, and have to run again
# ARG has `what` (in words), and `parts`: lines `ROLE FILE`, with the dump for each database that is restored.

restore_record() { printf '%s/restore' "$(records_folder)"; }
restore_is_open() { [[ -d $(restore_record) ]]; }
RESTORE_BOOT_FILE=/etc/systemd/system/$RESTORE_BOOT_UNIT

restored_as() { printf '%s__new' "${ARG[$1]}"; }
set_aside_as() { printf '%s__old' "${ARG[$1]}"; }
parts() { printf '%s\n' "${ARG[parts]-}"; }

# note_restore KEY=VALUE…: into the state.
note_restore() {
  local file=() pair key
  [[ ! -f $(restore_record)/state ]] || mapfile -t file <"$(restore_record)/state"
  for pair; do
    key=${pair%%=*}
    mapfile -t file < <(printf '%s\n' "${file[@]}" | grep -v "^$key=")
    file+=("$pair")
  done
  printf '%s\n' "${file[@]}" | grep . | write_file "$(restore_record)/state" 0600 root:root
}
restore_state() { field "$(restore_record)/state" "$1"; }

# open_restore JOB_DIR
open_restore() {
  local record role each
  record=$(restore_record)
  while read -r role _; do
    for each in "$(restored_as "$role")" "$(set_aside_as "$role")"; do
      ! database_is_there "$each" || die "there is a database $each already, which a restore would need" \
        "if nobody needs it: mariadb -e 'DROP DATABASE $each'"
    done
  done < <(parts)
  {
    rm -rf "$record.begun" && install -d -m 0700 "${record%/*}" "$record.begun" &&
      cp "$1"/{kind,step,args} "$record.begun" && echo stage=loading >"$record.begun/state" &&
      { [[ ! -f $(tables_record) ]] || cp "$(tables_record)" "$record.begun/tables"; } &&
      sync "$record.begun"/*
  } || no_record "$record"
  watch_boot_of_restore
  { mv -T "$record.begun" "$record" && sync "${record%/*}"; } || no_record "$record"
}
no_record() { die "$1 could not be written; nothing was changed" "is the disk full? df -h ${1%/*}"; }

# watch_boot_of_restore: should the host go down, the next boot undoes it before the servers start.
watch_boot_of_restore() {
  write_file "$RESTORE_BOOT_FILE" 0644 root:root <<UNIT
[Unit]
Description=TrinityCore: undo a restore that the host's end cut off
After=${ARG[mariadb]-mariadb.service}
Before=$(units_of_realm | paste -sd ' ')
ConditionPathExists=$(restore_record)

[Service]
Type=oneshot
ExecStart=/bin/bash $SCRIPTS_DIR/current/units/restore.sh boot
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
UNIT
  daemon_reload
  with_lock systemd systemctl enable --quiet "$RESTORE_BOOT_UNIT" ||
    die "$RESTORE_BOOT_UNIT could not be enabled; nothing was changed"
}

# close_restore [boot]: at boot systemd must not read its units again, as it would forget which ones it is to start.
close_restore() {
  rm -rf "$(restore_record)"
  [[ -f $RESTORE_BOOT_FILE ]] || return 0
  rm -f "$RESTORE_BOOT_FILE" "/etc/systemd/system/multi-user.target.wants/$RESTORE_BOOT_UNIT"
  [[ -n ${1-} ]] || daemon_reload
}

# end_open_restore [boot]: undoes one that was cut off or failed; one whose databases stay is brought to its end. In
# ARG is what the job was told. With `boot` systemd starts the servers itself.
end_open_restore() {
  local role
  wait_for 120 mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  if [[ $(restore_state stage) == kept ]]; then
    while read -r role _; do keep_swap "${ARG[$role]}" "$(set_aside_as "$role")" || return 1; done < <(parts)
    close_restore "${1-}"
    return
  fi
  case $(restore_state stage) in swapping | starting) note "putting the databases back as they were" ;; esac
  # At boot that would take back systemd's own start of them.
  [[ -n ${1-} || $(restore_state stage) != starting ]] || stop_units
  while read -r role _; do
    undo_swap "${ARG[$role]}" "$(restored_as "$role")" "$(set_aside_as "$role")" || return 1
  done < <(parts)
  drop_loader
  [[ ! -f $(restore_record)/tables ]] || write_file "$(tables_record)" 0600 0:0 <"$(restore_record)/tables"
  [[ -n ${1-} ]] || start_units
  close_restore "${1-}"
  note "nothing was changed: the databases are as they were"
}

# start_units: those that ran.
start_units() {
  local units
  read -r -a units <<<"$(restore_state servers)"
  ((${#units[@]} == 0)) || start_servers "${units[@]}"
}
