#!/bin/bash
# What trinity-extract.service runs: it makes game data on the host, of a client that is there or, mmaps alone, of the
# live data, and puts it in its place. The extractors are code of a commit: they run as the service user, in a unit of
# their own that writes nothing but the folder they work in, and reaches no network.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

make_data() {
  local scratch work words unit rc=0 core=${ARG[core]}
  unit=$(job_unit "extractors${ARG[lock]#game-data}")
  scratch=${ARG[scratch]}
  make_own_folder "$scratch" "${ARG[user]}:" || die "$scratch is no folder of its own"
  if [[ -n ${ARG[client]-} ]]; then
    # As the client's folder may be in somebody's home, it is shown to the extractors in a place of its own.
    work=$scratch/client
    words=(make /run/client "$work" "$core/releases/$(newest_release "$core")/bin" "${ARG[stages]}" "${ARG[locale]-}")
  else
    work=$scratch/mmaps
    words=(mmaps "${ARG[data]}" "$work" "$core/run/bin")
  fi
  run_extractors "${words[@]}" || rc=$?
  # With 3 it has said itself why.
  ((rc != 3)) || exit 1
  ((rc == 0)) || die "the unit $unit ended before its work was done (status $rc)" \
    "journalctl -u $unit says more; run it again: it goes on where it was"
  put_live
  as_user "${ARG[user]}" bash "$here/extract/run.sh" free "$work"
  # Work of another kind that was cut off stays.
  rmdir --ignore-fail-on-non-empty -- "$scratch"
}

# run_extractors WORD…: of run.sh.
run_extractors() {
  local properties=()
  # systemd follows the link, and would not read every name in a property.
  [[ -z ${ARG[client]-} ]] || properties=(BindReadOnlyPaths="$here/client:/run/client")
  properties+=(
    User="${ARG[user]}" BindsTo="$(job_unit "$(basename "$REQUEST")").service" Nice=19 IOSchedulingClass=idle
    CPUWeight=10 OOMScoreAdjust=900 NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes
    PrivateDevices=yes PrivateNetwork=yes TemporaryFileSystem=/run BindReadOnlyPaths="$here" ReadWritePaths="$scratch"
    InaccessiblePaths=-/var/lib/mysql RestrictAddressFamilies=AF_UNIX RestrictNamespaces=yes
    SystemCallFilter=@system-service SystemCallErrorNumber=EPERM SystemCallArchitectures=native
  )
  # One that a killed job left behind.
  systemctl stop --quiet "$unit.service" 2>/dev/null || true
  systemctl reset-failed --quiet "$unit.service" 2>/dev/null || true
  systemd-run --quiet --wait --pipe --collect --unit="$unit" --setenv=EXTRACT_TELLS_EVERY=5 \
    "${properties[@]/#/--property=}" /bin/bash "$here/extract/run.sh" "$@" </dev/null
}

# put_live: what was made becomes the new data, and goes live as data that was sent does.
put_live() {
  local incoming folder fd needed=(mmaps)
  incoming=${ARG[incoming]}
  [[ -z ${ARG[client]-} ]] || needed=(dbc maps vmaps)
  { mkdir -p "$LOCK_DIR" && exec {fd}>>"$LOCK_DIR/${ARG[lock]}" && flock -w 600 "$fd"; } ||
    die "somebody else works at the game data" "run it again when that has ended: what was made is kept"
  if swap_was_cut_off "$incoming"; then
    swap_data "${ARG[data]}" "$incoming" "${ARG[manifest]}" || die "earlier game data could not be brought into its place"
  fi
  # One that was cut off here has moved some of them already, or all, and they are live.
  if [[ $(cat "$incoming/made-here" 2>/dev/null) != "${needed[*]}" ]]; then
    [[ -d $work/${needed[0]} && ! -L $work/${needed[0]} ]] || return 0
    # What somebody began to send is not mixed with it.
    { rm -rf --one-file-system -- "$incoming" && install -d -m 0755 "$incoming" &&
      printf '%s' "${needed[*]}" >"$incoming/made-here"; } ||
      die "$incoming cannot be written"
  fi
  for folder in "${DATA_FOLDERS[@]}"; do
    [[ ! -d $work/$folder || -L $work/$folder ]] || mv -T -- "$work/$folder" "$incoming/$folder" ||
      die "$folder could not be moved to $incoming"
  done
  for folder in "${needed[@]}"; do
    [[ -d $incoming/$folder ]] || {
      as_user "${ARG[user]}" bash "$here/extract/run.sh" free "$work"
      die "somebody removed $folder of what was made" "run it again: all is made anew"
    }
  done
  exec {fd}>&-
  finish_data
}

# finish_data: as for data that was sent, by what says the same of both.
finish_data() {
  local files bytes folders said
  read -r files bytes < <(data_files "$incoming" "${ARG[user]}" |
    awk -F '\t' '{ bytes += $1 } END { printf "%d %d\n", NR, bytes }')
  mapfile -t folders < <(cd "$incoming" && ls -d -- "${DATA_FOLDERS[@]}" 2>/dev/null)
  said=$(bash "$here/actions/game-data.sh" finish "${ARG[data]}" "$incoming" "${ARG[manifest]}" "${ARG[user]}" \
    "${ARG[lock]}" "${ARG[core]}" "$files" "$bytes" "${folders[@]}") || exit 1
  if [[ $said =~ (^|$'\n')waits\ ([^$'\n']+) ]]; then
    echo "note the live release does not read it: it waits for releases/${BASH_REMATCH[2]}; \`pulumi up\` brings both live"
  else
    echo "note it is in its place; \`pulumi up\` starts the worldserver with it"
  fi
}

job_main "$1" make_data
