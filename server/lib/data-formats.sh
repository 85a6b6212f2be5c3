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

# takes_waiting_data RELEASE_DIR: data waits, and this release reads it. Another release goes live without it.
takes_waiting_data() {
  [[ -f ${ARG[incoming]-}/waiting ]] && [[ -z $(misfits "$1" "$(data_formats "${ARG[incoming]}" "${ARG[user]-}")") ]]
}

# unread_data RELEASE_DIR: the same for the data that the release would find when it goes live: the data that waits for
# it would take its place then.
unread_data() {
  local waiting=""
  [[ -n ${ARG[data]-} ]] || return 0
  ! takes_waiting_data "$1" || waiting=$(data_formats "${ARG[incoming]}" "${ARG[user]-}")
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

# bring_waiting_data RELEASE_DIR: new data that waits for the release that goes live takes its place. What it replaces
# is kept beside it, for the way back to a release that does not read the new data.
bring_waiting_data() {
  takes_waiting_data "$1" || return 0
  note "the new game data takes its place"
  with_lock "${ARG[dataLock]}" replace_data ||
    die "the new game data could not take its place" "it is whole in ${ARG[incoming]}; run \`pulumi up\` again"
}
replace_data() {
  swap_was_cut_off "${ARG[incoming]}" || keep_aside "${ARG[incoming]}" "$(former_data_kept)" || return
  swap_data "${ARG[data]}" "${ARG[incoming]}" "${ARG[manifest]}"
}
former_data_kept() { printf '%s.former' "${ARG[incoming]-}"; }

# keep_aside LIKE TO: keeps the live data of the folders that LIKE has, with its list, in the folder TO, from where it
# can take its place again. These are second names of the same files, which take no room; of files that are not the
# user's they are copies.
keep_aside() {
  local folder new=$2.new
  rm -rf --one-file-system -- "$new" "$2"
  install -d -m 0755 "$new" || return
  for folder in "${DATA_FOLDERS[@]}"; do
    [[ -d $1/$folder ]] || continue
    # One that was not there before is empty then.
    install -d -m 0755 -o "${ARG[user]-}" "$new/$folder" || return
    [[ -d ${ARG[data]}/$folder ]] || continue
    in_data cp -alT -- "$folder" "$new/$folder" 2>/dev/null ||
      in_data cp -aT --remove-destination --reflink=auto -- "$folder" "$new/$folder" || return
  done
  [[ ! -f ${ARG[manifest]} ]] || cp -p "${ARG[manifest]}" "$new/manifest" || return
  mv -T "$new" "$2" && sync "${2%/*}"
}

in_data() { AS_USER_CWD=${ARG[data]} as_user "${ARG[user]-}" "$@"; }

# bring_former_data RELEASE: the data is as it was before this release went live. Its own data waits for it again. May
# be cut off and begun again.
bring_former_data() {
  [[ -n ${ARG[incoming]-} && -d $(former_data_kept) ]] || return 0
  with_lock "${ARG[dataLock]}" take_data_back "$1" ||
    die "the former game data could not take its place again" \
      "it is whole in $(former_data_kept); run \`pulumi up\` again"
}
take_data_back() {
  local former
  former=$(former_data_kept)
  # It was cut off on its way forward, or on its way back.
  ! swap_was_cut_off "${ARG[incoming]}" || swap_data "${ARG[data]}" "${ARG[incoming]}" "${ARG[manifest]}" || return
  if [[ ! -f ${ARG[incoming]}/waiting ]]; then
    note "the former game data takes its place again"
    keep_aside "$former" "${ARG[incoming]}" || return
    write_file "${ARG[incoming]}/waiting" 0644 root:root <<<"$1" || return
  fi
  swap_data "${ARG[data]}" "$former" "${ARG[manifest]}"
}
forget_former_data() { [[ -z ${ARG[incoming]-} ]] || rm -rf --one-file-system -- "$(former_data_kept)"{,.new}; }
