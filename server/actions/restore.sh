#!/bin/bash
# What an operator has done with backups and dumps that are to be restored (actions/restore.ts), by the `verb` that it
# is told; tabs are between words:
#   list     `backup NAME RELEASE NOTE ROLE:BYTES,…` lines, the newest first; `open WHAT` where a restore is at work or
#            was cut off
#   take     the file `name` comes on standard input, of `bytes` bytes with the sum `sum`: of the backup `of`, or a dump
#            of its own, of which `dump FILE ROLE MADE` is said
#   begin    restores `what`, whose `parts` are lines `ROLE FILE`, or of the backup `from`, which was `sent` or is one
#            of the host's, the roles in `only`; follows it to its end, also where it is at work already
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
load_kind schema

# know_realm: the parameters of the step that updates the databases, as the last `up` left them.
know_realm() {
  local name
  declare -gA TOLD=()
  for name in "${!ARG[@]}"; do TOLD[$name]=${ARG[$name]}; done
  STEP=${ARG[schema]-}
  completed "$STEP" || die "there is no realm on this host yet" "run \`pulumi up\` first"
  # shellcheck disable=SC2154 # begin.sh sets `here`
  {
    mkdir -p "$here/requests/$STEP/"{secrets,files} && cp "$RECEIPTS/$STEP"/{kind,args} "$here/requests/$STEP"
  } || die "the parameters of $STEP could not be kept in $here" "is it full? df -h $here"
  load_request "$here/requests/$STEP"
  JOB=$(of_this_realm restore)
  DUMPS=$(records_folder)/dumps
}

# shellcheck disable=SC2016 # awk's own variables
tell_list() {
  if job_running "$JOB"; then
    printf 'open\t%s\n' "$(job_key "$JOB")"
  elif restore_is_open; then
    printf 'open\t%s\n' "$(tr '\0' '\n' <"$(restore_record)/args" | sed -n 's/^what=//p')"
  fi
  know_backups || die "backups are not set up on this host yet" "run \`pulumi up\` first"
  summarize_backups '
    $1 == "file" { bytes[$2] = $3 }
    $1 == "database" { parts = parts (parts == "" ? "" : ",") $3 ":" bytes[$2 ".sql.zst"] }
    $1 == "release" { release = $2 }
    $1 == "note" { note = $2 }
    END { printf "backup\t%s\t%s\t%s\t%s\n", name, release, note, parts }' | sort -r || exit 1
  echo end
}

# take: beside the records, for root alone.
take() {
  local folder=$DUMPS${TOLD[of]:+/${TOLD[of]}} sum free
  is_plain_name "${TOLD[name]}" || die "the name of a dump has letters, digits, dots and dashes"
  [[ -z ${TOLD[of]-} ]] || is_backup_name "${TOLD[of]}" || die "no backup is named ${TOLD[of]}"
  (umask 077 && mkdir -p "$folder") || die "$folder cannot be made" "is the disk full? df -h $STATE_DIR"
  find "$DUMPS" -type f -mtime +1 -delete
  free=$(df --output=avail -B1 "$folder" | tail -n 1)
  ((free > TOLD[bytes])) || die "${TOLD[name]} has ${TOLD[bytes]} bytes, and $DUMPS has room for $free"
  (umask 077 && head -c "${TOLD[bytes]}" >"$folder/.new") || die "${TOLD[name]} could not be kept in $DUMPS" "df -h $DUMPS"
  sum=$(sha256sum <"$folder/.new")
  [[ ${sum%% *} == "${TOLD[sum]}" ]] || die "${TOLD[name]} did not arrive whole; run it again"
  mv -fT "$folder/.new" "$folder/${TOLD[name]}"
  [[ -n ${TOLD[of]-} ]] || tell_dump "${TOLD[name]}"
}
is_plain_name() { [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]]; }

# tell_dump NAME: what it is of, by its tables.
tell_dump() {
  local seen role
  seen=$(unpack_dump "$DUMPS" "$1" 2>/dev/null |
    awk '/^CREATE TABLE / { sub(/^CREATE TABLE (IF NOT EXISTS )?`?/, ""); sub(/[` ].*/, ""); print }
      { last = $0 } END { print last }')
  role=$(role_of "$(sed '$d' <<<"$seen")")
  [[ -n $role ]] || { rm -f "$DUMPS/$1" && die "$1 has not the tables of a realm's databases" \
    "a dump of auth has account and realmlist, one of characters has characters, one of world has version"; }
  printf 'dump\t%s\t%s\t%s\n' "$DUMPS/$1" "$role" "$(sed -n '$s/^-- Dump [a-z]* on //p' <<<"$seen")"
}

# parts_of_backup: `ROLE FILE` for each database of the backup `from` that is wanted.
parts_of_backup() {
  local manifest="" name role folder
  is_backup_name "${TOLD[from]}" || die "there is no backup $(printable "${TOLD[from]}")"
  if [[ -n ${TOLD[sent]-} ]]; then
    folder=$DUMPS/${TOLD[from]} manifest=$(cat "$DUMPS/${TOLD[from]}/manifest" 2>/dev/null)
  else
    know_backups || die "backups are not set up on this host yet" "run \`pulumi up\` first"
    folder=$BACKUP_FOLDER/${TOLD[from]} manifest=$(read_backup "${TOLD[from]}" manifest)
  fi
  [[ -n $manifest ]] || die "there is no backup ${TOLD[from]}" "npm run realm -- restore lists them"
  while IFS=$'\t' read -r name role _; do
    [[ -n ${TOLD[only]-} && ,${TOLD[only]}, != *",$role,"* ]] || printf '%s %s\n' "$role" "$folder/$name.sql.zst"
  done < <(sed -n 's/^database\t//p' <<<"$manifest")
}

begin() {
  local script=$SCRIPTS_DIR/current/units/restore.sh ended
  if job_join "$JOB" "the restore"; then
    [[ $(job_result "$JOB") == success ]] || exit 1
    return
  fi
  [[ -f $script ]] || die "the stack's scripts on this host are too old for this" "run \`pulumi up\` first"
  if [[ -n ${TOLD[from]-} ]]; then ARG[parts]=$(parts_of_backup) || exit 1; else ARG[parts]=${TOLD[parts]-}; fi
  [[ -n ${ARG[parts]} ]] || die "the backup ${TOLD[from]-} has no ${TOLD[only]-} in it"
  # shellcheck disable=SC2154 # keys of an array
  ARG[what]=${TOLD[what]} ARG[row]=${TOLD[row]}
  job_start "$JOB" "${TOLD[what]}" "$script" TimeoutStopSec=infinity \
    "ExecStopPost=/bin/bash $script after $JOB_DIR/$JOB"
  # However it ended, what was sent for it is of no more use.
  (job_await "$JOB" "all is put back as it was; try again")
  ended=$?
  rm -rf "$DUMPS"
  return "$ended"
}

know_realm
case ${TOLD[verb]-} in
  list) tell_list ;;
  take) take ;;
  begin) begin || exit ;;
  *) exit 2 ;;
esac
