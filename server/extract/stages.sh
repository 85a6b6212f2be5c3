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

# flaws STAGE: what is wrong with what it made. The extractors end well when they have found nothing, too.
flaws() {
  local file build
  case $1 in
    maps)
      [[ -f dbc/Map.dbc ]] || echo "mapextractor found no dbc files in the client"
      some maps '*.map' || echo "mapextractor found no maps in the client"
      for file in dbc/component.wow-*.txt dbc/*/component.wow-*.txt; do
        [[ -f $file ]] || continue
        build=$(sed -n 's/.*version="\([0-9]*\)".*/\1/p' "$file" | head -n 1)
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
  tell_until_ended "$stage" "$pid"
  wait "$pid" || rc=$?
  trap - EXIT TERM INT HUP PIPE
  rm -f running
  ((rc == 0)) || full_or "$program $(ending "$rc")" "$(last_words)"
}
ending() {
  case $1 in
    126) echo "cannot be started in $tools; is that disk mounted noexec? name another folder with --scratch" ;;
    132) echo "was built for another processor than this one" ;;
    137) echo "was ended from outside, as when memory runs out" ;;
    *) echo "ended with status $1" ;;
  esac
}
last_words() { tr '\r' '\n' <"log/$stage" | tr -cd '\n -~' | grep -v '^ *$' | tail -n 3 | cut -c 1-200; }
