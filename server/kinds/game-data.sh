# shellcheck shell=bash
# The game data: which there is, in which formats, and whether it is what was sent.
# observed: new data that was cut off while it took its place; files of what `data send` brought that are gone, or of
#   another size (told, as only you have them)
# not observed: the files' content, which `npm run realm -- data check` compares with the sums of what was sent; whether
#   a server may read it, and data that is not there at all, which its service tells

observe() {
  local lacks
  if new_data_waits "${ARG[incoming]-}"; then
    say "new game data was cut off while it took its place in ${ARG[data]-}"
    return
  fi
  mapfile -t lacks < <(data_lacks)
  ((${#lacks[@]} == 0)) ||
    hint "${ARG[data]-} is not as it was sent: ${#lacks[@]} file$( ((${#lacks[@]} == 1)) || echo s) gone or of another size, such as ${lacks[0]}: \`npm run realm -- data send FOLDER\` brings what is missing"
}

# data_lacks: paths.
data_lacks() {
  [[ -f ${ARG[manifest]-} ]] || return 0
  data_files "${ARG[data]-}" "${ARG[user]-}" | manifest_says "${ARG[manifest]}" | sed -nE 's/^(lacks|size) //p' | sort
}

apply() {
  new_data_waits "${ARG[incoming]-}" || return 0
  note "bringing new game data into its place"
  # A `data send` takes the lock of this step as well.
  swap_data "${ARG[data]-}" "${ARG[incoming]-}" "${ARG[manifest]-}" ||
    die "the new game data could not be brought into its place; what is whole of it is in ${ARG[incoming]-}"
}

# For the stack's outputs.
outcome() {
  local there
  there=$(data_formats "${ARG[data]-}" "${ARG[user]-}")
  printf '%s\n' "${there:-none yet}"
}
