# shellcheck shell=bash
# The game data: which formats are there, and whether it is what the operator sent.
# observed: new data that was cut off while it took its place; files of what `data send` brought that are gone or of
#   another size (only told, as only you have them); new data that waits for a release that reads it
# not observed: the files' content, which `npm run realm -- data check` compares with the checksums of what was sent;
#   whether a server may read the data, and data that is not there at all: its service tells both

observe() {
  local lacks
  if swap_was_cut_off "${ARG[incoming]-}"; then
    say "new game data was cut off while it took its place in ${ARG[data]-}"
    return
  fi
  [[ ! -f ${ARG[incoming]-}/waiting ]] ||
    hint "new game data waits in ${ARG[incoming]}: it takes its place when releases/$(<"${ARG[incoming]}/waiting") goes live"
  mapfile -t lacks < <(lost_files)
  ((${#lacks[@]} == 0)) ||
    hint "${ARG[data]-} is not as it was sent: ${#lacks[@]} file$( ((${#lacks[@]} == 1)) || echo s) gone or of another size, e.g. ${lacks[0]}: \`npm run realm -- data send FOLDER\` brings what is missing"
}

# lost_files: prints the paths of files that are gone or of another size.
lost_files() {
  [[ -f ${ARG[manifest]-} ]] || return 0
  data_files "${ARG[data]-}" "${ARG[user]-}" | compare_with_manifest "${ARG[manifest]}" |
    sed -nE 's/^(lacks|size) //p' | sort
}

apply() {
  swap_was_cut_off "${ARG[incoming]-}" || return 0
  note "the new game data takes its place"
  # `data send` takes the lock of this step too.
  swap_data "${ARG[data]-}" "${ARG[incoming]-}" "${ARG[manifest]-}" ||
    die "the new game data could not take its place; what is whole of it is in ${ARG[incoming]-}"
}

outcome() {
  local there
  there=$(data_formats "${ARG[data]-}" "${ARG[user]-}")
  printf '%s\n' "${there:-none yet}"
}
