# shellcheck shell=bash
# shellcheck disable=SC2154 # run.sh sets `scratch`
# The folder in which game data is made. It is known by a file of its own, and only what is made in it is ever removed.

MARK=.game-data-is-made-here
# What the stages make, and what is only of use until they are done.
MADE=(dbc maps Cameras vmaps mmaps Buildings) KEPT=(Data tools tools.new log "done" running made-of probe)

# take_scratch CLIENT: makes it, and holds it for as long as this runs.
take_scratch() {
  if [[ ! -f $scratch/$MARK ]]; then
    [[ ! -d $scratch || -z $(find "$scratch" -mindepth 1 -print -quit) ]] ||
      fail "$scratch is not empty and was not made for this; name another folder with --scratch"
    { mkdir -p "$scratch" && printf '%s\n' "$1" >"$scratch/$MARK"; } 2>/dev/null ||
      fail "$scratch cannot be made; name another folder with --scratch, on a disk with room for the data"
  fi
  cd "$scratch" || fail "$scratch cannot be entered"
  scratch=$PWD
  exec {held}<"$MARK"
  flock -w 10 "$held" || fail "another run is at work in $scratch" "wait until it has ended, then run it again"
  end_leftover
  mkdir -p log "done" || fail "$scratch cannot be written"
}

# end_leftover: an extractor goes on when what started it was killed.
end_leftover() {
  local pid
  [[ -f running ]] && read -r pid <running && [[ $(readlink "/proc/$pid/cwd") == "$PWD" ]] || return 0
  kill -KILL "$pid" 2>/dev/null
  while [[ $(readlink "/proc/$pid/cwd") == "$PWD" ]]; do sleep 0.1; done
}

# begin_anew_if_changed: what was made of other files is of no use.
begin_anew_if_changed() {
  local made_of
  made_of=$(printf '%s\n' "${INPUTS[@]}")
  if [[ -f made-of && $(<made-of) != "$made_of" ]]; then
    echo "note the files it is made of have changed; everything is made again"
    rm -rf --one-file-system -- "${MADE[@]}" "done" && mkdir "done"
  fi
  printf '%s\n' "$made_of" >made-of || full_or "$scratch cannot be written"
}

# enough_room CLIENT STAGES: about what a client of 16 GB needed, by its size.
enough_room() {
  local need free
  need=$((CLIENT_BYTES / 4))
  [[ $2 != *mmaps* ]] || need=$((need + CLIENT_BYTES / 5))
  need=$((need - $(du -sb --exclude=tools . | cut -f 1)))
  free=$(df --output=avail -B1 . | tail -n 1)
  ((free >= need)) ||
    fail "$scratch has $((free / 1000000)) MB free; what is made of the client needs about $((need / 1000000)) MB" \
      "make room, or name another folder with --scratch; nothing was changed"
}

# link_client: what the extractors take for a client, with the names that they ask for. The client itself is only read.
link_client() {
  local index
  rm -rf Data
  for index in "${!LINK_NAMES[@]}"; do
    { mkdir -p "Data/$(dirname "${LINK_NAMES[index]}")" &&
      ln -s -- "${LINK_FILES[index]}" "Data/${LINK_NAMES[index]}"; } 2>/dev/null ||
      full_or "$scratch takes no links, as on a disk for Windows; name another folder with --scratch"
  done
}

# full_or WORDS: ends it; with a disk that is full, or whose quota is used up, that is the cause.
full_or() {
  head -c 1000000 /dev/zero 2>/dev/null >probe && rm -f probe && fail "$@"
  rm -f probe
  fail "the disk of $scratch is full" "make room there, then run it again: it goes on where it was"
}

free() {
  scratch=$1
  [[ -f $scratch/$MARK ]] || return 0
  cd "$scratch" || fail "$scratch cannot be entered"
  { rm -rf --one-file-system -- "${MADE[@]}" "${KEPT[@]}" && rm -f "$MARK" && cd / && rmdir -- "$scratch"; } ||
    fail "$scratch could not be removed whole"
}
