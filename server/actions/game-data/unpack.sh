# shellcheck shell=bash
# shellcheck disable=SC2154 # game-data.sh sets data, incoming and user
# New files arrive as tar archives.

# unpack SENDER SILENCE GROUP FOLDER… <ARCHIVE: gathers its files, as the service user, in folders made for it. After
# SILENCE seconds without a byte the sender counts as gone. Data that waits for a release is not whole any more from
# then on.
unpack() {
  local sender=$1 silence=$2 group=$3 folder wrong job watch status=0
  require_folders
  make_work
  { install -d -m 0755 "$incoming" && rm -f "$incoming/waiting" "$incoming/made-here"; } ||
    die "$incoming cannot be written" "the live data was not touched"
  # It says whose archives these are. A link is made with its text at once, or not at all.
  ln -sT -- "$sender" "$incoming/sender" 2>/dev/null || [[ $(readlink "$incoming/sender") == "$sender" ]] || busy
  for folder in "${@:4}"; do
    install -d -m 0755 -o "$user" -g "$group" "$incoming/$folder" || die "$incoming/$folder cannot be made"
  done
  # shellcheck disable=SC2016 # the other shell expands it
  in_folder "$incoming" sh -c 'echo "$$" >&3; exec tar --extract --warning=no-timestamp 3>&-' <&0 3>"$work/pid" \
    2>>"$work/said" &
  job=$!
  end_if_stuck "$job" "$work/pid" "$work/said" </dev/null &>/dev/null &
  watch=$!
  wait "$job" || status=$?
  # It holds the lock as well, and would see the end only a second later.
  kill "$watch" 2>/dev/null
  wait "$watch" 2>/dev/null
  if ((status != 0)); then
    wrong=$(head -n 1 "$work/said")
    # Not each of tar's words for it says so.
    has_room || wrong="no space left on device ($wrong)"
    die "${wrong:-tar ended with $status}" "the live data was not touched"
  fi
}

has_room() { (($(df --output=avail -B1 "$incoming" | tail -n 1) >= 65536)); }

# end_if_stuck JOB PID SAID: while JOB runs: ends tar, whose number is in the file PID, when it complained in the file
# SAID or when nothing comes. By itself it would read on to the end, or wait for ever.
end_if_stuck() {
  local never pid heard was="" quiet=0
  # Waiting for what never comes takes no program, which would outlive this and hold the lock.
  exec {never}<> <(:)
  while kill -0 "$1"; do
    read -rt 1 -u "$never"
    pid=$(<"$2")
    heard=$(grep rchar "/proc/$pid/io")
    if [[ $heard == "$was" ]]; then quiet=$((quiet + 1)); else quiet=0 was=$heard; fi
    if ((quiet >= silence)); then echo "nothing came any more for $silence seconds" >>"$3"; fi
    # As that user, who wrote the number.
    if [[ -s $3 ]]; then as_user "$user" kill "$pid"; fi
  done
}
