# shellcheck shell=bash
# A receipt says that a step was applied, for whom, and what it made (its manifest). It holds the script that undoes the
# step, so that `pulumi destroy` works when the scripts' folder is gone.

# claim STEP WHO: notes who asked for the step last, as the last one decides. A run that was cut off may have left a
# process that still waits, or follows its job.
claim() {
  {
    mkdir -p "$LOCK_DIR" && printf '%s' "$2" >"$LOCK_DIR/$1.asked"
  } || die "$LOCK_DIR cannot be written" "is it full? df -h $LOCK_DIR"
}

# others_own STEP LINE: another step's receipt has the same LINE, so the thing must stay.
others_own() {
  local other
  for other in "$RECEIPTS"/*/manifest; do
    [[ $other == "$RECEIPTS/$1/manifest" || ! -f $other ]] || ! grep -Fxqs -- "$2" "$other" || return 0
  done
  return 1
}

# drop_lines STEP <lines: undoes each line, the last one first.
drop_lines() {
  local line
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    # A manifest names what its step set aside, but that is never taken away.
    if [[ $line == 'kept '* ]]; then
      note "$line"
      continue
    fi
    if others_own "$1" "$line"; then continue; fi
    note "removing $line"
    drop "$line" </dev/null || return 1
  done < <(tac)
}

# stale_lines STEP: prints the lines of the last receipt's manifest that the present manifest does not have.
stale_lines() {
  local old=$RECEIPTS/$1/manifest
  [[ -f $old ]] || return 0
  manifest | grep -vFxf - "$old" || true
}

# secrets_sum REQUEST_DIR: prints checksums that tell one set of secrets from another. Only root can read them, and root
# can read the secrets where they are used.
secrets_sum() {
  local files=("$1"/secrets/*)
  [[ ! -e ${files[0]} ]] || (cd "$1/secrets" && sha256sum -- *)
}

# completed STEP: a run of the step came to its end. Without a token the first run began, but never ended.
completed() { [[ -f $RECEIPTS/$1/token ]]; }

# put_ahead STEP REQUEST_DIR SCRIPT…: writes the manifest before the work, so that `pulumi destroy` also undoes what a
# cut-off run made. All else in a complete receipt stays as it is until the next run comes to its end.
put_ahead() {
  local dir=$RECEIPTS/$1 undo=()
  stage "$dir" || return 1
  { [[ ! -f $dir/manifest ]] || cat "$dir/manifest"; manifest; } | sort -u >"$dir/.new/manifest" || unwritten "$dir"
  completed "$1" || { stage_undo "$dir" "${@:2}" && undo=(kind owner args undo); } || unwritten "$dir"
  place "$dir" manifest "${undo[@]}"
}

# put_receipt STEP TOKEN REQUEST_DIR SCRIPT…: writes the whole receipt. The token comes last, as it says "done".
put_receipt() {
  local dir=$RECEIPTS/$1
  stage "$dir" || return 1
  {
    secrets_sum "$3" >"$dir/.new/secrets" && manifest >"$dir/.new/manifest" && stage_undo "$dir" "${@:3}" &&
      printf '%s\n' "$2" >"$dir/.new/token"
  } || unwritten "$dir"
  place "$dir" secrets manifest kind owner args undo token
}

# stage RECEIPT_DIR: makes an empty folder, for root alone, where all files of a receipt are written before any takes
# its place.
stage() { rm -rf "$1/.new" && install -d -m 0700 "$STATE_DIR" "$RECEIPTS" "$1" "$1/.new"; }

# stage_undo RECEIPT_DIR REQUEST_DIR SCRIPT…: writes the undo, and what it needs. `birth` says for which resource in
# Pulumi's state the thing was made: a resource that is replaced is deleted when the new one already has the thing, and
# each has a birth of its own.
stage_undo() {
  local new=$1/.new request=$2
  shift 2
  [[ ! -f $request/birth ]] || cp "$request/birth" "$new" || return 1
  cp "$request"/{kind,owner,args} "$new" && {
    printf '#!/bin/bash\n' && cat "$@" && printf '\nundo "$@"\n'
  } >"$new/undo" &&
    chmod 0700 "$new/undo"
}

# place RECEIPT_DIR NAME…: moves the files to their place in this order, a new birth first. After a power cut, and at
# any time, there is the old file or the new one, never half of one.
place() {
  local dir=$1
  shift
  [[ ! -f $dir/.new/birth ]] || set -- birth "$@"
  (cd "$dir/.new" && chmod go= "$@" && sync "$@" && mv -f -t .. "$@" && rmdir "$dir/.new") || unwritten "$dir"
  relabel -R "$dir"
}
unwritten() { die "could not write $1" "is the disk full? df -h $1"; }

# undo WHO [BIRTH]: what the `undo` file of a receipt does. WHO is the birth, or the owner where no birth is known. A
# thing that has another owner now, or was made anew, is left alone: after a rename, a replacement, or when another
# stack took the host over, the old resource is deleted when the new one already has the thing.
undo() {
  local dir owner birth="" gone
  dir=$(cd "$(dirname "$0")" && pwd)
  owner=$(cat "$dir/owner")
  [[ ! -f $dir/birth ]] || birth=$(<"$dir/birth")
  # The first versions named owners without their stack.
  if [[ $1 == */* && $1 != "$owner" && $owner != */"$1" ]]; then
    note "left alone: it belongs to $owner now"
    return
  fi
  if [[ -n $birth && $birth != "${2-$1}" ]]; then
    note "left alone: it was made anew for $owner"
    return
  fi
  STEP=${dir##*/}
  load_request "$dir"
  claim "$STEP" undo
  hold_realm_for_kind
  with_lock "${LOCK:-$STEP}" take_away <"$dir/manifest" ||
    { audit "destroy $STEP" failed && die "could not remove what $STEP owns"; }
  audit "destroy $STEP" "done"
  # The receipt disappears at once: half of one would look like a step that did not come to its end.
  gone=${dir%/*}/.$STEP.gone
  rm -rf "$gone" && mv -T "$dir" "$gone" && rm -rf "$gone"
  keeps
}
# undo_left [unfinished]: undoes other receipts, the newest first, as it may depend on older ones. With `unfinished`
# only steps that never came to their end, which Pulumi's state does not know.
undo_left() {
  local undo step owner
  while IFS= read -r undo; do
    step=$(basename "${undo%/undo}")
    [[ $step != "$STEP" && $step != scripts ]] || continue
    if [[ ${1-} == unfinished ]] && completed "$step"; then continue; fi
    owner=$(cat "${undo%/undo}/owner" 2>/dev/null) || continue
    note "removing what is left of $step"
    # Pulumi may be undoing the same step, so the receipt may be gone by now.
    bash "$undo" "$owner" "$(cat "${undo%/undo}/birth" 2>/dev/null)" || [[ ! -e $undo ]] || return 1
  done < <(ls -t "$RECEIPTS"/*/undo)
}
take_away() { settle </dev/null && drop_lines "$STEP"; }
