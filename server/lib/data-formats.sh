# shellcheck shell=bash
# The formats of game data: those that a release reads, and those of the data that is there. Data in another format
# keeps a worldserver from starting, so a release goes live only with data that it reads, and new data only with a
# release that reads it.

# data_formats FOLDER USER: prints "dbc, maps 10, vmaps 4.8" of what is there, by the first file of each format. Reads
# as USER, who may have put links there.
# shellcheck disable=SC2016 # the other shell expands it
data_formats() {
  as_user "$2" bash -c '
    first() { find "$1/" -maxdepth 1 -type f -name "$2" -print -quit 2>/dev/null; }
    number() { [[ ! -f $1 ]] || od -An -t u4 -j "$2" -N 4 "$1"; }
    cd "$1" || exit 0
    said=()
    for folder in "${@:2}"; do
      [[ -n $(find "$folder/" -mindepth 1 -print -quit 2>/dev/null) ]] || continue
      case $folder in
        maps) version=$(number "$(first maps "*.map")" 4) ;;
        mmaps) version=$(number "$(first mmaps "*.mmtile")" 8) ;;
        vmaps) version=$(head -c 8 "$(first vmaps "*.vmtree")" 2>/dev/null) version=${version#VMAP_} ;;
        *) version="" ;;
      esac
      said+=("$folder${version:+ ${version//[^0-9.]/}}")
    done
    printf "%s" "${said[0]-}"
    ((${#said[@]} < 2)) || printf ", %s" "${said[@]:1}"
  ' bash "$1" "${DATA_FOLDERS[@]}" 2>/dev/null
}

# formats_in_source <LINES: prints "maps=10 vmaps=4.8 mmaps=15" from lines of the core's source. A format that the
# source declares in unknown words, or twice in different ways, is left out, and then nobody checks it.
# shellcheck disable=SC2034 # the build looks for them
FORMAT_NAMES='MapVersionMagic|VMAP_MAGIC|MMAP_VERSION'
formats_in_source() {
  sed -nE 's/.*\<MapVersionMagic *= *([0-9]+) *;.*/maps \1/p
    s/.*\<VMAP_MAGIC\[\] *= *"VMAP_([^" ]+)".*/vmaps \1/p
    s/.*# *define +MMAP_VERSION +([0-9]+).*/mmaps \1/p' | sort -u |
    awk '{ count[$1]++; version[$1] = $2 }
      END { for (i = split("mmaps vmaps maps", name); i; i--)
        if (count[name[i]] == 1) { printf "%s%s=%s", more, name[i], version[name[i]]; more = " " } }'
}

# misfits RELEASE_DIR FORMATS…: prints a sentence for each format of the data that the release does not read. FORMATS
# are answers of data_formats; a folder's version is that of the first answer with the folder in it.
misfits() {
  local wanted name version there
  wanted=" $(field "$1/release.info" formats) "
  for name in maps vmaps mmaps; do
    [[ $wanted =~ \ $name=([^ ]+)\  ]] || continue
    version=${BASH_REMATCH[1]}
    for there in "${@:2}"; do
      [[ ", $there," =~ ,\ $name(\ ([^,]+))?, ]] || continue
      [[ -z ${BASH_REMATCH[2]} || ${BASH_REMATCH[2]} == "$version" ]] ||
        printf 'releases/%s reads %s %s, and the game data has %s %s\n' "${1##*/}" "$name" "$version" "$name" \
          "${BASH_REMATCH[2]}"
      break
    done
  done
}

# unread_data RELEASE_DIR: the same for the data that the release would find when it goes live: the data that waits for
# it would take its place then.
unread_data() {
  local waiting=""
  [[ -n ${ARG[data]-} ]] || return 0
  [[ ! -f ${ARG[incoming]}/waiting ]] || waiting=$(data_formats "${ARG[incoming]}" "${ARG[user]-}")
  misfits "$1" "$waiting" "$(data_formats "${ARG[data]}" "${ARG[user]-}")"
}

# refuse_unread_data RELEASE_DIR: ends the step where the release could not read the game data: after the update of the
# databases there would be no way back to the release that can.
refuse_unread_data() {
  local wrong
  mapfile -t wrong < <(unread_data "$1")
  ((${#wrong[@]} == 0)) || die "${wrong[0]}; nothing was changed, and the live release goes on" "${wrong[@]:1}" \
    "$(new_data_advice "${1##*/}")"
}
new_data_advice() {
  printf "extract the game data again: \`npm run realm -- data extract\` takes the extractors of releases/%s and sends what they make, then \`pulumi up\`; where only mmaps differ, the worldserver also goes without that folder" "$1"
}

# bring_waiting_data: new data that waits for the release that goes live takes its place.
bring_waiting_data() {
  [[ -f ${ARG[incoming]-}/waiting ]] || return 0
  note "the new game data takes its place"
  with_lock "${ARG[dataLock]}" swap_data "${ARG[data]}" "${ARG[incoming]}" "${ARG[manifest]}" ||
    die "the new game data could not take its place" "it is whole in ${ARG[incoming]}; run \`pulumi up\` again"
}
