# shellcheck shell=bash
# An example to copy as server/kinds/KIND.sh: the operator's files in a folder, and a file with a password. README.md
# here is the contract.
# observed: the files by name, and the password
# not observed: what is in the files, as they are the operator's from then on

# shellcheck disable=SC2154 # list fills it
observe() {
  local file
  list files wanted
  for file in "${wanted[@]}"; do [[ -f ${ARG[folder]-}/$file ]] || say "$file is missing"; done
  ! has_secret password || [[ $(cat "${ARG[folder]-}/password" 2>/dev/null) == "$(secret password)" ]] ||
    say "the password differs"
}

apply() {
  local file
  list files wanted
  for file in "${wanted[@]}"; do
    echo made | write_file "${ARG[folder]-}/$file" 0640 root:root
    note "made $file"
  done
  ! has_secret password || secret password | write_file "${ARG[folder]-}/password" 0600 root:root
}

manifest() {
  local file
  list files wanted
  for file in "${wanted[@]}"; do printf 'file %s\n' "${ARG[folder]-}/$file"; done
}

drop() {
  case $1 in 'file '*) rm -f -- "${1#file }" ;; esac
}
