# shellcheck shell=bash
# The way back from a release that could not go live, and what becomes of a change that was cut off.

# undo_live WHY: the old release runs again, with the databases as they were before.
undo_live() {
  give_room
  [[ -n ${LIVE[why]-} ]] || try_note_live why="$(printable "${1:0:300}")" undo="${LIVE[stage]}"
  [[ ${LIVE[stage]} == undone ]] || {
    if [[ ${LIVE[undo]} != trial ]] && ! can_go_back; then
      give_up
      return
    fi
    try_apart bring_back
    ((FAILED == 0)) || {
      alert update-failed "releases/${LIVE[to]} could not go live (${LIVE[why]}), and it could not be undone: $WHY"
      note "run \`pulumi up\` again when that is put right: it goes on with this"
      [[ -z ${AT_BOOT-} ]] || keep_down
      return
    }
  }
  [[ -z ${AT_BOOT-} ]] || return 0
  try_apart start_old
  tell_undone
  end_journal
}

# keep_down: the boot must not start servers with databases that are half as they were.
keep_down() {
  local unit
  for unit in $(units_of_realm) ${LIVE[units]-}; do systemctl stop --quiet --no-block "$unit" || true; done
}

# can_go_back: there is something to go back to. Before the switch that is also a former realm.
can_go_back() {
  local role
  [[ -n ${LIVE[from]} || ${LIVE[undo]} == stopping || ${LIVE[undo]} == migrating ]] || return 1
  [[ -z ${LIVE[first]-} ]] || return 1
  # The same release would only fail again.
  [[ ${LIVE[from]} != "${LIVE[to]}" || ${LIVE[undo]} == stopping || ${LIVE[undo]} == migrating ]] || return 1
  [[ ${LIVE[undo]} != stopping ]] || return 0
  for role in ${LIVE[pending]-}; do [[ -n ${LIVE[backup_$role]-} ]] || return 1; done
}

# give_up: nothing older can run with these databases. What ran is tried again, as far as it goes.
give_up() {
  note "there is no older release to go back to"
  case ${LIVE[undo]} in
    stopping | migrating)
      # shellcheck disable=SC2206 # names of units
      stopped=(${LIVE[units]-})
      start_again
      ;;
  esac
  [[ -n ${LIVE[first]-} ]] ||
    alert update-failed "releases/${LIVE[to]} could not go live, and there is no older release: ${LIVE[why]}"
  end_journal
}

# bring_back: databases, records and `run` as they were. May be cut off and begun again.
bring_back() {
  local role
  case ${LIVE[undo]} in
    trial) drop_trials ;;
    stopping) ;;
    *)
      note "going back to ${LIVE[from]:+releases/}${LIVE[from]:-the former realm}"
      try_note_live stage=undoing
      stop_units
      end_updater
      for role in ${LIVE[pending]-}; do
        [[ " ${LIVE[restored]-} " == *" $role "* ]] || restore_before "$role"
      done
      bring_former_data "${LIVE[to]}"
      put_back_record "$(schema_record)"
      put_back_record "$(tables_record)"
      if [[ -n ${LIVE[from]} && $(release_at "${ARG[root]-}/run") != "${LIVE[from]}" ]]; then
        switch_link "${ARG[root]-}/run" "releases/${LIVE[from]}"
        note "releases/${LIVE[from]} is live again"
      fi
      ;;
  esac
  try_note_live stage=undone
}

# end_updater: an updater that was killed may have left a statement at work in MariaDB.
end_updater() {
  sql <<<"SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = $(sql_quote "${ARG[user]-}")" |
    sql_client --force 2>/dev/null || true
}

# restore_before ROLE: its database as it was before; a way back that was cut off half way is undone first.
restore_before() {
  local live=${ARG[$1]-}
  [[ -z ${LIVE[back_$1]-} ]] || undo_swap "$live" "${live}__back" "${live}__failed"
  restore_role "$1" "${LIVE[backup_$1]}" before
  try_note_live restored="${LIVE[restored]-} $1"
}

# restore_role ROLE BACKUP SUFFIX: the database has afterwards what the backup has of it. May be cut off and done again.
restore_role() {
  local live=${ARG[$1]-} new=${ARG[$1]-}__$3
  if [[ ! -d $(swap_record "$live") ]]; then
    drop_database "$new"
    drop_database "${live}__failed"
    note "restoring $live as it was before"
    know_backups || die "the backups' folder is not known" "run \`pulumi up\`"
    load_dump "$BACKUP_FOLDER/$2/$live.sql.zst" "$new" || exit 1
  fi
  swap_databases "$live" "$new" "${live}__failed"
  keep_swap "$live" "${live}__failed"
}

# start_old: what ran runs again. After a trial nothing was stopped, unless the host went down.
start_old() {
  local servers
  [[ ${LIVE[undo]} != trial ]] || ! servers_run || return 0
  if [[ ! -L ${ARG[root]-}/run ]]; then
    # shellcheck disable=SC2206,SC2034 # names of units, for start_again
    stopped=(${LIVE[units]-})
    start_again
    return
  fi
  # shellcheck disable=SC2086 # names of units
  mapfile -t servers < <(servers_of ${LIVE[units]-})
  ((${#servers[@]} == 0)) || note "starting again: $(printf '%s\n' "${servers[@]}" | cut -d ' ' -f 1 | paste -sd ' ')"
  # shellcheck disable=SC2086 # names of units
  start_servers ${LIVE[units]-}
}

# servers_run: those that ran when this began.
servers_run() {
  local unit
  for unit in ${LIVE[units]-}; do unit_runs "$unit" || return 1; done
}

# tell_undone: to the operator, and on record, so that nobody tries the same commit again unasked.
tell_undone() {
  local commit sentence event=update-failed
  commit=$(field "${ARG[root]-}/releases/${LIVE[to]}/release.info" commit)
  # Where the old release does not start either, it is not the new one's fault.
  ((FAILED)) || [[ -z ${LIVE[blame]-} || -z $commit || -z ${LIVE[from]} || ${LIVE[from]} == "${LIVE[to]}" ]] ||
    remember_failed "$commit" "${LIVE[why]}" || true
  if ((FAILED)); then
    sentence="releases/${LIVE[to]} could not go live (${LIVE[why]}); the old one is back, but its servers do not start: $WHY"
  elif [[ ${LIVE[undo]} == trial ]]; then
    sentence="releases/${LIVE[to]} did not go live, and nothing was changed: ${LIVE[why]}"
  else
    event=rolled-back
    sentence="releases/${LIVE[to]} could not go live: ${LIVE[why]}; ${LIVE[from]:+releases/}${LIVE[from]:-the former realm} serves, with the databases as they were"
  fi
  note "$sentence"
  tell_status failed "$sentence"
  alert "$event" "$sentence"
}

# resume_live: finishes or undoes what was cut off, in the words of its own record. With AT_BOOT only what has to come
# before the servers start.
resume_live() {
  read_journal || return 0
  note "going live with releases/${LIVE[to]} was cut off (${LIVE[stage]})"
  case ${LIVE[stage]} in
    migrating)
      if job_running "$STEP" && join_update "${LIVE[to]}"; then
        try_apart after_migration
        end_live
      else
        undo_live "it was cut off while the databases were updated"
      fi
      ;;
    switching | probing)
      [[ -z ${AT_BOOT-} ]] || return 0
      try_apart after_migration
      end_live
      ;;
    *) undo_live "it was cut off before the databases were updated" ;;
  esac
}
