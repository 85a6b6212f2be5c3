# shellcheck shell=bash
# The databases, as the candidate wants them: its own `worldserver -u` fills empty databases and applies updates, while
# the realm is stopped. Nothing else ever updates them.
# observed: each database has its tables and every update of the release; a table that was there after the last update
#   and is gone; databases of another core or of something else, and a sql_mode with which the servers would not start
# not observed: rows and columns: they are the players' and the core's; what the operator changes in the world's content

# shellcheck disable=SC2034 # the runner reads it
CHANGES_REALM=yes

observe() {
  local answer said mode
  answer=$(database_answers) || { blind "MariaDB does not answer, so the state of the databases cannot be read" && return; }
  refuse_foreign_databases "$answer"
  said=$(compare_databases "$answer")
  [[ -z $said ]] || printf '%s\n' "$said"
  mode=${answer##*$'\n='}
  tell_unfit_mode "${mode%$'\n'end}" "$(if [[ -n $said ]]; then echo refuse; else echo hint; fi)"
}

# compare_databases ANSWER: prints a sentence for each difference between the databases and what the candidate wants.
compare_databases() {
  local root=${ARG[root]-} id record role left=() updated tell=say why
  local -A tables=()
  id=$(release_at "$root/candidate") record=$(schema_record)
  for role in "${ROLES[@]}"; do read -r "tables[$role]"; done <<<"$1"
  ! must_wait_for_window || tell=hint_waiting
  if [[ -n $id ]] && why=$(held_back "$id"); then tell=: && hint "$why"; fi
  [[ -z $id ]] || mapfile -t left < <(lacking_updates "$root/releases/$id" "$1")
  for role in "${ROLES[@]}"; do
    case ${tables[$role]} in
      missing) say "the $role database ${ARG[$role]-} is missing" ;;
      0) say "the $role database ${ARG[$role]-} has no tables" ;;
      *) tell_lacking "$role" "releases/$id" ;;
    esac
  done
  while IFS= read -r role; do say "$role"; done < <(lost_tables "$1")
  [[ ! -f $(import_marker) ]] || say "the first import into the databases was cut off"
  [[ ! -d $(live_journal) ]] || is_changing || say "going live with $(field "$(live_journal)/state" to) was cut off"
  updated=$(field "$record" release)
  if [[ -z $id ]]; then
    blind "$root/candidate names no release that the databases should be as"
  elif [[ ! -f $record ]]; then
    $tell "the databases were not yet brought up to date for releases/$id"
  elif [[ $updated != "$id" ]]; then
    $tell "the databases are as releases/$updated left them, should be as releases/$id wants them"
  fi
  [[ -z $id || $updated == "$id" ]] || tell_unread_data "$id"
}

# is_changing: somebody else is at it just now.
is_changing() { job_running "$(of_this_realm live)" || { ! holds_realm && [[ -n $(realm_holder) ]]; }; }

# tell_unread_data ID: reports game data that release ID does not read; the databases are not updated for it then.
tell_unread_data() {
  local wrong word=say
  mapfile -t wrong < <(unread_data "${ARG[root]-}/releases/$1")
  [[ $tell != : ]] || return 0
  [[ $tell == say ]] || word=hint
  ((${#wrong[@]} == 0)) || $word "${wrong[0]}, so it cannot go live: $(new_data_advice "$1")"
}

# tell_lacking ROLE RELEASE: reports the updates in `left` that the database of ROLE lacks.
tell_lacking() {
  local each lacks=()
  for each in "${left[@]}"; do [[ $each != "$1 "* ]] || lacks+=("${each#* }"); done
  ((${#lacks[@]})) || return 0
  $tell "the $1 database lacks ${#lacks[@]} update$( ((${#lacks[@]} == 1)) || echo s) of $2: ${lacks[*]:0:3}$( ((${#lacks[@]} <= 3)) || echo " …")"
}

apply() {
  local root id release lost answer why
  root=${ARG[root]-}
  # The receipt of an earlier version does not say which servers to stop.
  [[ -n ${ARG[servers]-} ]] || die "the receipt is of an earlier version" "run \`pulumi up\` again"
  wait_for 30 mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  id=$(release_at "$root/candidate") release=$root/releases/$(release_at "$root/candidate")
  [[ -n $id && -f $release/.good ]] ||
    die "there is no whole release to update the databases with" "$root/candidate points to ${id:-nothing}"
  answer=$(database_answers) || die "MariaDB does not answer on ${ARG[socket]-}"
  mapfile -t lost < <(lost_tables "$answer")
  ((${#lost[@]} == 0)) || die "${lost[0]}; nothing was changed" "${lost[@]:1}" \
    "restore what is gone from a backup, or go on without it: rm $(tables_record) on the host"
  if why=$(held_back "$id"); then die "$why"; fi
  # A run that was cut off may have left its job at work: two updates at once would damage the databases.
  if job_join "$(of_this_realm live)" "the change to a new release" && [[ $(job_key "$(of_this_realm live)") == "releases/$id" ]] &&
    is_up_to_date "$id"; then
    return 0
  fi
  finish_cut_off
  if is_up_to_date "$id" && [[ -z $(lacking_updates "$release" "$(database_answers)") ]]; then return 0; fi
  if [[ -n $(servers_to_restart) ]]; then
    ARG[id]=$id
    # shellcheck disable=SC2154 # `here` is the folder of these scripts
    work_unattended "releases/$id" "$here"
  else
    update "$id"
  fi
}

# begin_unattended WHAT SCRIPTS: a job that goes on when nobody listens, and begins again where it was killed.
begin_unattended() {
  local job
  job=$(of_this_realm live)
  job_start "$job" "$1" "$2/units/job.sh" "TimeoutStopSec=infinity" \
    "ExecStopPost=/bin/bash $2/units/going-live.sh after $JOB_DIR/$job"
}
work_unattended() {
  local job
  job=$(of_this_realm live)
  begin_unattended "$@"
  job_follow "$job" print_job_log || true
  # One that was killed goes on by itself.
  wait_for 7200 job_ended "$job" || true
  if [[ -n $(job_ended_by "$job") ]] && went_live "${1#releases/}"; then
    note "$(job_ended_by "$job"), went on by itself, and $1 is live"
  else
    job_verdict "$job"
  fi
}
went_live() { [[ ! -d $(live_journal) && $(release_at "${ARG[root]-}/run") == "$1" ]] && is_up_to_date "$1"; }

# unattended: the whole update in a job of its own, from the message to the players until the servers are ready.
unattended() {
  if [[ -d $(live_journal) ]]; then
    resume_live
  elif [[ -n ${ARG[back]-} ]]; then
    roll_back "${ARG[back]}"
  else
    update "${ARG[id]-}"
  fi
}

# finish_cut_off: what an earlier run left half done is finished or undone first.
finish_cut_off() {
  local rc trap
  [[ -d $(live_journal) ]] || return 0
  trap=$(trap -p ERR)
  trap - ERR
  set +e
  (
    set -e
    load_request "$(live_journal)"
    resume_live
  )
  rc=$?
  eval "$trap"
  set -e
  ((rc == 0)) || exit "$rc"
}

# record_update ID: records that the databases are up to date.
record_update() {
  local release=${ARG[root]-}/releases/$1 answer
  rm -f "$(import_marker)"
  printf '%s\n' "release=$1" "commit=$(field "$release/release.info" commit)" \
    "date=$(field "$release/release.info" date)" \
    "auth=${ARG[auth]-}" "characters=${ARG[characters]-}" "world=${ARG[world]-}" "$(content_lines)" | sed '/^$/d' |
    write_file "$(schema_record)" 0600 0:0
  answer=$(database_answers) || die "MariaDB does not answer on ${ARG[socket]-}"
  tables_of "$answer" | write_file "$(tables_record)" 0600 0:0
  rm -f -- "${ARG[work]-}/$(field "$release/release.info" tdb)" "$(content_record)"
  note "the databases are as releases/$1 wants them"
}
is_up_to_date() { [[ $(field "$(schema_record)" release) == "$1" && ! -f $(import_marker) ]]; }

# join_update ID: follows the updater that a killed run left at work; returns 0 when that updater did what is wanted.
join_update() {
  note "joining the update of the databases that is running ($(job_key "$STEP"))"
  job_follow "$STEP" schema_progress || true
  [[ $(job_key "$STEP") == "releases/$1" ]] && update_succeeded
}
update_succeeded() { [[ $(tail -n 1 "$(job_log "$STEP")") == '== up to date'* && $(job_result "$STEP") == success ]]; }

room_for_data() {
  local dir needed
  dir=$(sql <<<'SELECT @@datadir')
  needed=${ARG[min_disk_mb]-}
  [[ $(count_tables_in "${ARG[world]-}") != 0 ]] || needed=$((needed * 4))
  enough_space "$dir" "$needed" "updating the databases"
}

# migrate ID RELEASE: runs the updater in a unit of its own, so that a lost connection does not cut it off.
migrate() {
  local log
  log=$(job_log "$STEP")
  # shellcheck disable=SC2034 # job_start hands it on
  ARG[release]=$2
  # shellcheck disable=SC2154 # `here` is the folder of these scripts
  # However the updater ends, nobody can log in to its account after that.
  job_start "$STEP" "releases/$1" "$here/units/migrate.sh" \
    "ExecStopPost=/bin/bash $here/units/migrate.sh $JOB_DIR/$STEP end"
  job_follow "$STEP" schema_progress || true
  update_succeeded && return
  die_of_update "$1" "$log"
}
die_of_update() {
  local live data lines ended blame=""
  live=$(release_at "${ARG[root]-}/run")
  mapfile -t lines < <(schema_errors <"$2")
  ended=$(job_ended_by "$STEP")
  [[ -n $ended ]] || ! mariadb_answers || blame=yes
  [[ -z $ended ]] || lines=("$ended" "${lines[@]}")
  data=$(sql <<<'SELECT @@datadir' 2>/dev/null) || lines=("MariaDB does not answer on ${ARG[socket]-}" "${lines[@]}")
  # A statement that found no room gives back what it had taken.
  if [[ -d $data ]] && { (($(free_mb "$data") < 10)) || found_no_room <"$2"; }; then
    lines=("the disk is full: df -h $data" "${lines[@]}")
    blame=""
  fi
  [[ -z $blame ]] || note_live blame=yes
  ((${#lines[@]})) || lines=("the updater said nothing")
  die "the databases could not be updated for releases/$1${TRIAL:+ (a trial on copies of them)}: ${lines[0]}" "${lines[@]:1}" \
    "nothing was switched$(if [[ -n $live ]]; then echo ", release $(short_id "$live") is still live"; fi)" \
    "whole log on the host: $2, or journalctl -u $(job_unit "$STEP")"
}

manifest() { printf 'file %s\n' "$(tables_record)" "$(live_history)"; }

# An update that a cut-off run left at work would lose its SQL files half way.
settle() {
  job_join "$(of_this_realm live)" "the change to a new release" || true
  ! job_running "$STEP" || join_update "" || true
}

# The databases stay, so the record of their update stays too: the next stack must refuse an older release as well.
drop() {
  case $1 in
    "file $(schema_record)") note "kept: the record of what the databases were updated for" ;;
    'file '*) rm -f -- "${1#file }" ;;
  esac
}
