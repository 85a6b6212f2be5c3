# shellcheck shell=bash
# shellcheck disable=SC2153,SC2154 # BUILD is in client.sh, and run.sh sets `scratch` and `tools`
# What is done one after the other, each with the flags of the wiki page. A stage that came to its end whole is noted
# in the folder `done`, and not done again.

stage_maps() { extractor mapextractor -f 0; }
stage_buildings() { extractor vmap4extractor -l; }
stage_vmaps() { mkdir -p vmaps && extractor vmap4assembler Buildings vmaps; }
stage_mmaps() { mkdir -p mmaps && extractor mmaps_generator --bigBaseUnit true --threads "$(nproc)"; }

# clean STAGE: half of what was made is no use, as the extractors keep a file that is there, or refuse to begin. Only
# mmaps_generator looks into its files, and takes one for whole whose beginning is right.
clean() {
  case $1 in
    maps) rm -rf --one-file-system dbc maps Cameras ;;
    buildings) rm -rf --one-file-system Buildings ;;
    vmaps) rm -rf --one-file-system vmaps ;;
    mmaps) unfinished_tiles | tr '\n' '\0' | xargs -0 -r rm -f -- ;;
  esac
}

# Those that a worldserver looks into at its start to see whether they are of this client (LoadDBCStores).
NEEDED_DBC=(AreaTable CharTitles GemProperties Item ItemExtendedCost Map Spell)

# Where new characters begin: without one of these a worldserver does not start (World::SetInitialWorldSettings).
START_TILES=(0004331 0004832 0013339 0002828 0011230 0013732)

# flaws STAGE: what is wrong with what it made. The extractors end well when they have found nothing, too.
flaws() {
  local file build name lacking=()
  # An archive that could be read when the client was looked at, but not now.
  sed -n 's/^Error opening archive/the extractor could not open the archive/p' "log/$1" | sort -u
  case $1 in
    maps)
      for name in "${NEEDED_DBC[@]}"; do [[ -f dbc/$name.dbc ]] || lacking+=("$name.dbc"); done
      if ((${#lacking[@]} == ${#NEEDED_DBC[@]})); then
        echo "mapextractor found no dbc files in the client"
      elif ((${#lacking[@]})); then
        echo "mapextractor did not find every dbc file, such as ${lacking[*]}; an archive of the client is damaged"
      fi
      if some maps '*.map'; then
        lacking=()
        for name in "${START_TILES[@]}"; do [[ -f maps/$name.map ]] || lacking+=("maps/$name.map"); done
        ((${#lacking[@]} == 0)) || echo "mapextractor did not make ${lacking[*]}, where new characters stand;" \
          "an archive of the client is damaged"
      else
        echo "mapextractor found no maps in the client"
      fi
      for file in dbc/component.wow-*.txt dbc/*/component.wow-*.txt; do
        [[ -f $file ]] || continue
        # The first version in it counts, as for the core.
        build=$(grep -o 'version="[0-9]*' "$file" | head -n 1)
        build=${build#*\"}
        [[ $build == "$BUILD" ]] ||
          echo "the client's archives are of build ${build:-unknown}; the core speaks with 3.3.5a, build $BUILD, alone"
      done
      ;;
    buildings)
      [[ -s Buildings/dir_bin ]] || echo "vmap4extractor found no buildings in the client"
      ;;
    vmaps) some vmaps '*.vmtree' || echo "vmap4assembler made no vmaps" ;;
    mmaps)
      some mmaps '*.mmtile' || echo "mmaps_generator made no mmaps"
      file=$(unfinished_tiles | head -n 1)
      [[ -z $file ]] || echo "mmaps_generator did not finish $file"
      ;;
  esac
  file=$(find "${MADE[@]}" -type f -size 0 \( -name '*.map' -o -name '*.vm*' -o -name '*.mm*' \) -print -quit 2>/dev/null)
  [[ -z $file ]] || echo "$file is empty"
}
# note_unread: parts of maps that mapextractor passed over. A client that is whole has a few of these, too.
note_unread() {
  local unread
  mapfile -t unread < <(tr '\r' '\n' <log/maps | grep -aoE '(Error loading|No such file) [^ ]*\.(adt|wdt)')
  ((${#unread[@]} == 0)) || printf 'note mapextractor passed over %d parts of maps, such as %s; %s\n' \
    ${#unread[@]} "${unread[0]##* }" "where they are many, an archive of the client is damaged"
}

some() { [[ -n $(find "$1/" -maxdepth 1 -name "$2" -size +0 -print -quit 2>/dev/null) ]]; }

# unfinished_tiles: tiles that are shorter than their own first bytes say.
unfinished_tiles() {
  local list
  [[ -d mmaps ]] || return 0
  find mmaps -name '*.mmtile' -size -20c
  list=$(find mmaps -name '*.mmtile' -size +19c -printf '%s %p\n' | sort -k 2)
  [[ -n $list ]] || return 0
  cut -d ' ' -f 2 <<<"$list" | xargs head -q -c 20 | od -An -v -w20 -tu4 | paste -d ' ' - <(printf '%s\n' "$list") |
    awk '$1 != 1296908624 || $6 < 20 + $4 { print $7 }'
}

# pass STAGE
pass() {
  local stage=$1 flaw
  if [[ -f done/$stage ]]; then
    printf 'done %s %s\n' "$stage" "$(<"done/$stage")"
    return
  fi
  printf 'stage %s\n' "$stage"
  clean "$stage"
  : >"log/$stage" || full_or "$scratch cannot be written"
  "stage_$stage"
  mapfile -t flaw < <(flaws "$stage")
  ((${#flaw[@]} == 0)) || full_or "${flaw[@]}"
  [[ $stage != maps ]] || note_unread
  head -c 1000000 /dev/zero 2>/dev/null >probe || full_or "$scratch cannot be written"
  rm -f probe
  # What is noted to be whole is on the disk before the note is.
  sync
  { made "$stage" >"done/.$stage" && mv "done/.$stage" "done/$stage"; } || full_or "$scratch cannot be written"
  printf 'done %s %s\n' "$stage" "$(<"done/$stage")"
  [[ $stage != vmaps ]] || rm -rf --one-file-system Buildings
}

# extractor PROGRAM WORD…: to its end, and says meanwhile how far it is. It runs with the libraries that came with it,
# where they did.
extractor() {
  local program=$1 command rc=0 pid
  shift
  command=("$tools/$program")
  [[ ! -f $tools/loader ]] || command=("$tools/loader" --library-path "$tools/lib" "${command[@]}")
  [[ -x ${command[0]} ]] || fail "$program is missing in $tools"
  # It holds no lock, so that the next run sees that this one has ended.
  # shellcheck disable=SC2154 # take_scratch sets it
  env -u LD_PRELOAD -u LD_LIBRARY_PATH -u LD_AUDIT "${command[@]}" "$@" {held}<&- </dev/null >>"log/$stage" 2>&1 &
  pid=$!
  trap 'kill -KILL "$pid" 2>/dev/null' EXIT
  trap 'exit 143' TERM INT HUP PIPE
  echo "$pid" >running
  # The shell's own words on one that was killed are of no use to anybody.
  { tell_until_ended "$stage" "$pid"; wait "$pid" || rc=$?; } 2>/dev/null
  trap - EXIT TERM INT HUP PIPE
  rm -f running
  ((rc == 0)) || full_or "$program $(ending "$rc")" "$(last_words)"
}
ending() {
  case $1 in
    126) echo "cannot be started in $tools; is that disk mounted noexec? name another folder with --scratch" ;;
    132) echo "was built for another processor than this one" ;;
    137) echo "was ended from outside, as when memory runs out" ;;
    134 | 139) echo "crashed (status $1), as with an archive of the client that is damaged" ;;
    *) echo "ended with status $1" ;;
  esac
}
last_words() { tr '\r' '\n' <"log/$stage" | tr -cd '\n -~' | grep -v '^ *$' | tail -n 3 | cut -c 1-200; }
