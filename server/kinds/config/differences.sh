# shellcheck shell=bash
# shellcheck disable=SC2154 # `places` in config.sh sets the names of the files
# What differs in a server's conf, in words.

# Of a secret only the name is shown.
SECRET_KEYS='password|passwd|secret|token|databaseinfo|connectioninfo'

# check_dropin: says what is and what should be, key by key. Of a line that is not the stack's only its place or key is
# shown, as it may hold a password.
check_dropin() {
  local -A wanted=() is=()
  local order=() line key value number=0 section="" odd=() found=no \
    shape='^([A-Za-z][A-Za-z0-9._]*)[[:space:]]*=[[:space:]]*(.*)$'
  while IFS= read -r line; do
    if [[ $line =~ $shape ]]; then wanted[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]} order+=("${BASH_REMATCH[1]}"); fi
  done < <(wanted_dropin)
  while IFS= read -r line || [[ -n $line ]]; do
    ((++number))
    line=${line#"${line%%[![:space:]]*}"} line=${line%"${line##*[![:space:]]}"}
    if [[ $line == "[$server]" && -z $section ]]; then
      section=yes
    elif [[ $line =~ $shape ]]; then
      key=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
      if [[ -z ${wanted[$key]+set} ]]; then
        odd+=("$key is set, should not be")
      elif [[ -n ${is[$key]+set} ]]; then
        odd+=("$key is set twice")
      else
        is[$key]=$value
      fi
    elif [[ -n $line && $line != [\#\;]* ]]; then
      odd+=("line $number of $dropin should not be there")
    fi
  done <"$dropin"
  [[ -n $section ]] || odd=("$dropin does not begin with [$server], so the server passes it over" "${odd[@]}")
  for key in "${order[@]}"; do
    [[ ${is[$key]-"unset "} != "${wanted[$key]}" ]] || continue
    found=yes
    if [[ -z ${is[$key]+set} ]]; then
      say "$key is not set, should be $(shown_setting "$key" "${wanted[$key]}")"
    elif [[ ${key,,} =~ $SECRET_KEYS ]]; then
      say "$key differs from the stack's"
    else
      say "$key is $(shown_setting "$key" "${is[$key]}"), should be $(shown_setting "$key" "${wanted[$key]}")"
    fi
  done
  for line in "${odd[@]:0:8}"; do say "$line"; done
  ((${#odd[@]} <= 8)) || say "and $((${#odd[@]} - 8)) more in $dropin that should not be there"
  [[ $found == yes || ${#odd[@]} -gt 0 ]] || say "$dropin has other comments, or another order, than the stack's"
}

# only_live_differ: the keys that differ are all such as the running worldserver takes over.
only_live_differ() {
  local keys
  [[ $server == worldserver ]] || return 1
  mapfile -t keys < <(changed_keys "$dropin" <(wanted_dropin))
  are_live "${keys[@]}"
}

shown_setting() {
  if [[ ${1,,} =~ $SECRET_KEYS ]]; then
    printf "the stack's"
  elif ((${#2} > 120)); then
    printf '%s…' "${2:0:120}"
  else
    printf '%s' "$2"
  fi
}

# check_environment: shows names only.
check_environment() {
  local -A wanted=() is=()
  local order=() line key found=no
  while IFS= read -r line; do
    if [[ $line != '#'* ]]; then wanted[${line%%=*}]=$line order+=("${line%%=*}"); fi
  done < <(wanted_environment)
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line =~ ^([A-Z][A-Z0-9_]*)= ]] || continue
    key=${BASH_REMATCH[1]}
    [[ -n ${wanted[$key]+set} ]] || { found=yes && say "$environment: $key is set, should not be"; }
    is[$key]=$line
  done <"$environment"
  for key in "${order[@]}"; do
    [[ ${is[$key]-} != "${wanted[$key]}" ]] || continue
    found=yes
    if [[ -n ${is[$key]-} ]]; then say "$environment: $key differs"; else say "$environment: $key is missing"; fi
  done
  [[ $found == yes ]] || say "$environment has other content than it should"
}
