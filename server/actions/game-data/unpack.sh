# shellcheck shell=bash
# shellcheck disable=SC2154 # game-data.sh sets data, incoming and user
# New files arrive as one tar archive.

# After so many seconds without a byte the sender counts as gone.
SILENCE=${TRINITY_SILENCE:-120}

# unpack GROUP FOLDER… <ARCHIVE: gathers its files, as the service user, in folders made for it. Data that waits for a
# release is not whole any more from then on.
unpack() {
  local group=$1 folder wrong pid status=0
  wrong=$(not_a_folder "$data" "$incoming")
  [[ -z $wrong ]] || die "${wrong%%$'\n'*}" "the live data was not touched"
  make_work
  { install -d -m 0755 "$incoming" && rm -f "$incoming/waiting" "$incoming/made-here"; } ||
    die "$incoming cannot be written" "the live data was not touched"
  for folder in "${@:2}"; do
    install -d -m 0755 -o "$user" -g "$group" "$incoming/$folder" || die "$incoming/$folder cannot be made"
  done
  in_folder "$incoming" tar --extract --warning=no-timestamp <&0 2>"$work/said" &
  pid=$!
  end_if_stuck "$pid" "$work/said" </dev/null &>/dev/null &
  wait "$pid" || status=$?
  if ((status != 0)); then
    wrong=$(head -n 1 "$work/said")
    # Not each of tar's words for it says so.
    has_room || wrong="no space left on device ($wrong)"
    die "${wrong:-nothing came any more for $SILENCE seconds}" "the live data was not touched"
  fi
}

has_room() { (($(df --output=avail -B1 "$incoming" | tail -n 1) >= 65536)); }

# end_if_stuck PID FILE: ends PID, which runs tar, when that complained in FILE or when nothing comes: tar itself would
# read on to the end, or wait for ever.
end_if_stuck() {
  local never heard was="" quiet=0
  # Waiting for what never comes takes no program, which would outlive this and hold the lock.
  exec {never}<> <(:)
  while kill -0 "$1"; do
    read -rt 1 -u "$never"
    heard=$(grep rchar "/proc/$(pgrep -P "$1" -x tar)/io")
    if [[ $heard == "$was" ]]; then quiet=$((quiet + 1)); else quiet=0 was=$heard; fi
    if [[ -s $2 ]] || ((quiet >= SILENCE)); then kill "$1"; fi
  done
}
