#!/bin/bash
# What trinity-restore.service runs: databases take the place of the realm's, from backups or other dumps. The realm
# goes on while they are loaded and checked. A restore that does not come to its end leaves all as it was.
#   restore.sh JOB_DIR          the whole of it
#   restore.sh after JOB_DIR    at the job's end, when it was killed
#   restore.sh boot             before the servers start, when the host went down meanwhile
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
load_kind schema

restore() {
  local rc trap
  hold_realm "${ARG[what]}"
  if restore_is_open; then
    note "an earlier restore was cut off"
    end_open "$(restore_record)" || exit 1
  fi
  trap=$(trap -p ERR)
  trap - ERR
  set +e
  (
    # shellcheck disable=SC2034 # the trap reads it
    level=$BASH_SUBSHELL
    eval "$trap"
    set -eE
    go_through
  )
  rc=$?
  if ((rc)); then
    ! restore_is_open || end_open "$REQUEST"
    audit restore failed "${ARG[what]}"
    exit "$rc"
  fi
}
# end_open REQUEST: in the words of that request.
end_open() {
  (
    set -e
    load_request "$1"
    end_open_restore "${2-}"
  )
}

go_through() {
  local role file present=""
  refuse_unfit_release
  open_restore "$REQUEST"
  while read -r role file; do load "$role" "$file"; done < <(parts)
  stop_realm_for_restore
  back_up_present
  note_restore stage=swapping
  while read -r role _; do
    database_is_there "${ARG[$role]}" || create_like "$(restored_as "$role")" "${ARG[$role]}"
    swap_databases "${ARG[$role]}" "$(restored_as "$role")" "$(set_aside_as "$role")"
    note "${ARG[$role]} is restored"
  done < <(parts)
  note_restore stage=starting
  renew_tables_record
  bring_forward
  start_units
  watch
  note_restore stage=kept
  end_open_restore
  audit restore well "${ARG[what]}"
  [[ -z $present ]] || present="; what was there before is in the backup $present"
  alert restored "${ARG[what]} is done$present"
  note "done: ${ARG[what]}$present"
}

# refuse_unfit_release: an update of the databases is always for the candidate.
refuse_unfit_release() {
  live=$(release_at "${ARG[root]-}/run")
  [[ -n $live ]] || die "no release is live on this host yet" "run \`pulumi up\` first"
  [[ ! -f $(import_marker) ]] || die "the first import into the databases was cut off" "run \`pulumi up\` first"
}

# load ROLE FILE: into a new database, which is looked at before anything else happens.
load() {
  local new folder=${2%/*}
  new=$(restored_as "$1")
  note "loading $(basename "$2") for ${ARG[$1]}"
  load_dump "$2" "$new" || exit 1
  [[ $(role_of "$(tables_to_move "$new")") == "$1" ]] ||
    die "$(basename "$2") has not the tables of the $1 database" "which database a dump is of is told by its tables"
  refuse_newer "$1" "$new"
  if [[ $1 == auth ]]; then
    [[ ! -f $folder/$MASTERS_IN_BACKUP ]] || read_by_owner "$folder" "$MASTERS_IN_BACKUP" | know_masters_of_backup
    refuse_unreadable_secrets "$new"
  fi
}

# refuse_newer ROLE DATABASE: a release does not run with databases that a newer one has updated. Custom SQL has other
# names.
refuse_newer() {
  local known newest newer
  table_is_there "$2" updates || return 0
  known=$(cd "${ARG[root]-}/releases/$live/sql" && update_files_of "$1" updates old/3.3.5a)
  newest=$(core_updates <<<"$known" | tail -n 1)
  mapfile -t newer < <(LC_ALL=C comm -13 <(LC_ALL=C sort <<<"$known") <(applied_in "$2" | LC_ALL=C sort) | core_updates |
    awk -v newest="$newest" '$0 > newest')
  ((${#newer[@]} == 0)) ||
    die "the dump of ${ARG[$1]} is of a newer core than the live release $live: it has had updates that this one does not know, e.g. ${newer[0]}" \
      "bring a newer release live first: pulumi up, or npm run realm -- update"
}
core_updates() { { grep -xE '[0-9]{4}(_[0-9]{2}){3}_(auth|characters|world)\.sql' || true; } | LC_ALL=C sort; }

# refuse_unreadable_secrets DATABASE: the authserver would not start.
refuse_unreadable_secrets() {
  local wanted present stored
  read_two_factor "$1" || return 0
  [[ -n $DIGEST && $USERS != 0 ]] || return 0
  wanted=$(wanted_master "$(awk '$1 == "authserver" { print $4 }' <<<"${ARG[servers]-}")")
  present=$(master_in_force "$wanted")
  [[ $present == unknown ]] || return 0
  stored=$(sql <<<"SELECT LOWER(HEX(totp_secret)) FROM $(sql_name "$1").account WHERE totp_secret IS NOT NULL LIMIT 1")
  { [[ -n $wanted ]] && opens "$wanted" "$stored"; } ||
    die "$USERS accounts in the dump have a two-factor secret that was encrypted with a master secret unknown here" \
      "set the one that they had: pulumi config set --secret --path trinitycore:login.totpMasterSecret, then pulumi up"
}

stop_realm_for_restore() {
  local units=()
  mapfile -t units < <(servers_to_restart)
  note_restore "servers=${units[*]}" stage=stopping
  stop_servers "${units[@]}"
}

# back_up_present: now that nobody changes them any more. An empty database holds nothing to lose.
back_up_present() {
  local role roles=()
  while read -r role _; do
    case $(count_tables_in "${ARG[$role]}") in 0 | missing) ;; *) roles+=("$role") ;; esac
  done < <(parts)
  ((${#roles[@]})) || return 0
  note "backing up what is there now ($(and_list "${roles[@]}"))"
  present=$(back_up_now "before restore" "${roles[@]}") || exit 1
}

# renew_tables_record: of the restored databases other tables are expected from now on.
renew_tables_record() {
  local answer role pattern=""
  [[ -f $(tables_record) ]] || return 0
  answer=$(database_answers) || die "MariaDB does not answer on ${ARG[socket]-}"
  while read -r role _; do pattern+="${pattern:+|}$role"; done < <(parts)
  { grep -vE "^($pattern)"$'\t' "$(restore_record)/tables" || true; tables_of "$answer" | grep -E "^($pattern)"$'\t'; } |
    sort | write_file "$(tables_record)" 0600 0:0
}

# bring_forward: an older backup gets the updates that the live release wants, and the realm's row is as the config has
# it.
bring_forward() {
  local answer lacking row=${ARG[row]-}
  answer=$(database_answers) || die "MariaDB does not answer on ${ARG[socket]-}"
  mapfile -t lacking < <(lacking_updates "${ARG[root]-}/releases/$live" "$answer")
  if ((${#lacking[@]})); then
    [[ $(release_at "${ARG[root]-}/candidate") == "$live" ]] ||
      die "the backup lacks updates of the live release, and another release waits to go live" \
        "let that one go live first, then restore"
    note "updates of the live release that the backup lacks follow now"
    bash "$here/run/step.sh" again "$STEP_OF_SCHEMA"
  fi
  if completed "$row" && grep -q '^auth ' < <(parts); then bash "$here/run/step.sh" again "$row"; fi
}

# watch: what was started stays up for a while. The account with which the stack talks to the worldserver may be missing
# in a backup of another host, so nobody asks it for its release.
watch() {
  local units
  # shellcheck disable=SC2046 # names of units
  mapfile -t units < <(servers_of $(restore_state servers) | cut -d ' ' -f 1)
  ((${#units[@]})) || return 0
  note "watching the servers"
  watch_realm "${ARG[probe]:-60}" "" "${units[@]}"
}

at_boot() {
  local record
  for record in "$STATE_DIR"/restore "$STATE_DIR"/realms/*/restore; do
    [[ -d $record ]] || continue
    (
      load_request "$record"
      hold_realm "the end of a restore that was cut off"
      if end_open "$record" boot; then
        alert restored "a restore was cut off by the host's end, and undone: ${ARG[what]}"
      else
        # Not with databases that are half as they were.
        while IFS= read -r unit; do systemctl stop --quiet --no-block "$unit" || true; done < <(units_of_realm)
      fi
    )
  done
}

# shellcheck disable=SC2034 # the libraries read it
case ${1-} in
  boot) at_boot ;;
  after)
    case ${SERVICE_RESULT-} in success | exit-code) exit 0 ;; esac
    load_request "$2"
    STEP=$(<"$2/step") STEP_OF_SCHEMA=$STEP
    ! restore_is_open || { hold_realm "the end of a restore that was cut off" && end_open "$(restore_record)"; }
    ;;
  *)
    STEP=$(<"$1/step") STEP_OF_SCHEMA=$STEP
    job_main "$1" restore
    ;;
esac
