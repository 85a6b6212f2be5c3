# shellcheck shell=bash
# What one server is configured to be: our keys in one drop-in beside the release's own .conf.dist (only the first file that names a key is
# certain to win, so there is one), and what holds a password in an environment file that root alone reads.
# observed: each key of the stack's file, in words; the environment file, by names only; mode and owner of both; keys that the release
#   does not know
# not observed: the content of other files beside it: they are the operator's, and told as hints; the release's own `.conf.dist` is seen
#   with the release

# Of a secret only the name is shown, wherever it turns up.
SECRET_KEYS='password|passwd|secret|token|databaseinfo|connectioninfo'

places() {
  server=${ARG[server]-} root=${ARG[root]-}
  folder=$root/etc/$server.conf.d
  dropin=$folder/stack.conf
  secrets=${ARG[secretsFolder]-}
  environment=$secrets/$server.env
}

observe() {
  local server root folder dropin secrets environment file key nearest wanted
  places
  look_at "$dropin" "$environment"
  if access_says "$dropin" 0644 root:root && ! holds "$dropin" "${ARG[lines]}"$'\n'; then dropin_says; fi
  wanted=$(wanted_environment)
  if access_says "$environment" 0600 root:root && ! holds "$environment" "$wanted"$'\n'; then environment_says; fi
  while IFS=$'\t' read -r key nearest; do say "$(unknown "$key" "$nearest")"; done < <(strangers)
  for file in "$folder"/*.conf; do
    [[ $file == "$dropin" || ! -f $file ]] || hint "$file is read as well; which file wins where both set a key is not defined"
  done
}

apply() {
  local server root folder dropin secrets environment lines text place
  places
  mapfile -t lines < <(strangers | while IFS=$'\t' read -r key nearest; do unknown "$key" "$nearest"; done)
  ((${#lines[@]} == 0)) || die "trinitycore:$server.settings: ${lines[0]}" "${lines[@]:1}"
  # They lie in a folder of the service user's: what it put in our way is not followed.
  for place in "$root/etc" "$folder" "$secrets"; do
    [[ -d $place && ! -L $place && -O $place ]] || die "$place should be a folder that belongs to root"
  done
  # The whole of it first: a secret that cannot be written must not leave half a file.
  text=$(wanted_environment) || exit 1
  printf '%s\n' "$text" | write_file "$environment" 0600 root:root
  wanted_dropin | write_file "$dropin" 0644 root:root
}

manifest() { printf 'file %s/etc/%s.conf.d/stack.conf\nfile %s/%s.env\n' "${ARG[root]-}" "${ARG[server]-}" "${ARG[secretsFolder]-}" "${ARG[server]-}"; }

unknown() { printf "%s is not a key of this release's %s.conf.dist%s\n" "$1" "$server" "${2:+; the nearest is $2}"; }

# Known is what any of them knows: the source that is checked out, the release to come and the live one.
strangers() {
  local dist=$server.conf.dist
  unknown_keys "$root/src/src/server/$server/$dist" "$root/candidate/etc/$dist" "$root/run/etc/$dist" < <(set_keys)
}

set_keys() {
  local texts line in_dropin='^([^#;[][^ =]*) *=' in_environment='=\{setting\.(.*)}$'
  list lines texts
  for line in "${texts[@]}"; do [[ ! $line =~ $in_dropin ]] || printf '%s\n' "${BASH_REMATCH[1]}"; done
  list environment texts
  for line in "${texts[@]}"; do [[ ! $line =~ $in_environment ]] || printf '%s\n' "${BASH_REMATCH[1]}"; done
}

wanted_dropin() { printf '%s\n' "${ARG[lines]}"; }

# Each line of `environment` is NAME=value, with {secret} where a secret goes.
wanted_environment() {
  local lines line value
  list environment lines
  echo '# Written by the stack: values that hold a password, for the unit of this server.'
  for line in "${lines[@]}"; do
    value=${line#*=}
    if [[ $value =~ ^([^{]*)\{([A-Za-z0-9._-]+)\}(.*)$ ]]; then
      has_secret "${BASH_REMATCH[2]}" || die "the secret ${BASH_REMATCH[2]} did not arrive"
      value=${BASH_REMATCH[1]}$(secret "${BASH_REMATCH[2]}")${BASH_REMATCH[3]}
    fi
    [[ $value != *[[:cntrl:]\"]* ]] || die "the value of ${line%%=*} may not contain '\"' or line breaks: the server could not read it"
    # For double quotes, as systemd and a shell read them.
    value=${value//\\/\\\\}
    value=${value//\$/\\\$}
    value=${value//\`/\\\`}
    printf '%s="%s"\n' "${line%%=*}" "$value"
  done
}

# dropin_says: key by key, what is and what should be. Lines that are not ours may hold anything, so only their place or key is named.
dropin_says() {
  local -A wanted=() is=()
  local order=() line key value number=0 section="" odd=() found=no shape='^([A-Za-z][A-Za-z0-9._]*)[[:space:]]*=[[:space:]]*(.*)$'
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
      say "$key is not set, should be $(shown "$key" "${wanted[$key]}")"
    elif [[ ${key,,} =~ $SECRET_KEYS ]]; then
      say "$key differs from the stack's"
    else
      say "$key is $(shown "$key" "${is[$key]}"), should be $(shown "$key" "${wanted[$key]}")"
    fi
  done
  for line in "${odd[@]:0:8}"; do say "$line"; done
  ((${#odd[@]} <= 8)) || say "and $((${#odd[@]} - 8)) more in $dropin that should not be there"
  [[ $found == yes || ${#odd[@]} -gt 0 ]] || say "$dropin has other comments, or another order, than the stack's"
}

shown() {
  if [[ ${1,,} =~ $SECRET_KEYS ]]; then
    printf "the stack's"
  elif ((${#2} > 120)); then
    printf '%s…' "${2:0:120}"
  else
    printf '%s' "$2"
  fi
}

# environment_says: names only.
environment_says() {
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
