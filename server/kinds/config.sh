# shellcheck shell=bash
# The conf of one server: the stack's keys in one drop-in beside the release's .conf.dist (one, because of several files
# with the same key only the first is certain to win), and keys with a password in an environment file that only root
# reads.
# observed: each key of the stack's file, in words; the environment file, by names only; mode and owner of both; keys
#   that the release does not know, and values that it could not read
# not observed: the values in other files beside it: they are the operator's; each is told, with the keys that it sets
#   too; the release's own `.conf.dist` is seen with the release

places() {
  server=${ARG[server]-} root=${ARG[root]-}
  folder=$root/etc/$server.conf.d
  dropin=$folder/stack.conf
  secrets=${ARG[secretsFolder]-}
  environment=$secrets/$server.env
}

observe() {
  local server root folder dropin secrets environment wanted line flaws live=""
  local -A KIND=() STANDARD=()
  places
  read_key_kinds
  mapfile -t flaws < <(key_problems)
  for line in "${flaws[@]}"; do
    # The source that is going to be checked out may have this key; the runner checks again after the checkout, before
    # the build.
    if source_moves; then say "$line"; else refuse "$line"; fi
  done
  read_modes "$dropin" "$environment"
  wanted=$(wanted_dropin)
  if check_mode "$dropin" 0644 root:root && ! has_content "$dropin" "$wanted"$'\n'; then
    check_dropin
    ! only_live_differ || live=yes
  fi
  wanted=$(wanted_environment)
  if ! check_mode "$environment" 0600 root:root; then
    live=""
  elif ! has_content "$environment" "$wanted"$'\n'; then
    check_environment
    live=""
  fi
  [[ -z $live ]] || say_effect "reloads the worldserver's settings, unless it runs with them already; players stay online"
  while IFS= read -r line; do hint "$line"; done < <(set_keys | others_in "$folder" "$dropin")
}

apply() {
  local server root folder dropin secrets environment text place
  local -A KIND=() STANDARD=()
  places
  read_key_kinds
  # An older version gave the folders above to the service user, so a link in them is not followed.
  for place in "$root/etc" "$folder" "$secrets"; do
    [[ -d $place && ! -L $place && -O $place ]] || die "$place should be a folder that belongs to root"
  done
  # The content is complete before the file is written: a secret that cannot be written must not leave half a file.
  text=$(wanted_environment) || exit 1
  printf '%s\n' "$text" | write_file "$environment" 0600 root:root
  wanted_dropin | write_file "$dropin" 0644 root:root
}

manifest() {
  printf 'file %s/etc/%s.conf.d/stack.conf\nfile %s/%s.env\n' "${ARG[root]-}" "${ARG[server]-}" \
    "${ARG[secretsFolder]-}" "${ARG[server]-}"
}

# read_key_kinds: reads which kind of value each key takes. A key is known when any of these has it: the source that is
# checked out, the candidate, the live release.
read_key_kinds() {
  local dist=$server.conf.dist key value kind
  [[ ! -d $root/src ]] ||
    read_as_user "$(stat -c %U "$root/src")" "$root/src/src/server/$server/$dist" >"$REQUEST/source.conf.dist"
  [[ -s $REQUEST/source.conf.dist ]] || rm -f "$REQUEST/source.conf.dist"
  while IFS=$'\t' read -r key kind value; do KIND[$key]=$kind STANDARD[$key]=$value; done < <(
    kinds_of "$REQUEST/source.conf.dist" "$root/candidate/etc/$dist" "$root/run/etc/$dist" < <(set_values | cut -f 2)
  )
  ask_source
}

# ask_source: the kind of a default such as 10 or 1 is unclear (a whole number, a fraction or a switch), so the source's
# code decides. Read only when the value depends on it.
ask_source() {
  local key value kind doubtful=() as=()
  while IFS=$'\t' read -r _ key value; do
    [[ ${KIND[$key]-} != number ]] || ! is_in_doubt "${STANDARD[$key]}" "$value" || doubtful+=("$key")
  done < <(set_values)
  ((${#doubtful[@]})) || return 0
  while read -r key kind; do
    # A key that the source reads in two ways takes what either takes.
    if [[ " ${as[*]} " == *" $key "* ]]; then KIND[$key]=number; else KIND[$key]=$kind as+=("$key"); fi
  done < <(read_as "$root" "${doubtful[@]}")
}

# set_values: `WHERE<tab>KEY<tab>VALUE` of each key that is set: in the `file`, or as a secret in the `environment`.
set_values() {
  local texts line value in_dropin='^([^#;[][^ =]*) *= *(.*)$' in_environment='=\{setting\.(.*)}$'
  list lines texts
  for line in "${texts[@]}"; do
    [[ $line =~ $in_dropin ]] || continue
    line=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]#\"}
    trim value "${value%\"}"
    printf 'file\t%s\t%s\n' "$line" "$value"
  done
  list environment texts
  for line in "${texts[@]}"; do
    [[ $line =~ $in_environment ]] || continue
    secret -v value "setting.${BASH_REMATCH[1]}" || value=""
    trim value "${value//$'\n'/?}"
    printf 'environment\t%s\t%s\n' "${BASH_REMATCH[1]}" "$value"
  done
}

# set_keys: all keys of the stack's file.
set_keys() { wanted_dropin | sed -nE 's/^([A-Za-z][A-Za-z0-9._]*) *=.*/\1/p'; }

# key_problems: a sentence for each key that the release does not know, and for each value that it cannot read. Secret
# values are not shown.
key_problems() {
  local where key value shown try option
  while IFS=$'\t' read -r where key value; do
    if [[ ${KIND[$key]-} == unknown ]]; then
      printf "%s: %s is not a key of this release's %s.conf.dist%s\n" "$(settings_key "$server")" "$key" "$server" \
        "${STANDARD[$key]:+; the nearest is ${STANDARD[$key]}}"
    elif ! core_reads "${KIND[$key]-}" "${STANDARD[$key]-}" "$value"; then
      shown=$value try=$(guess_meant "${KIND[$key]}" "${STANDARD[$key]}" "$value") option=""
      [[ $where == file ]] || shown="(its secret value)" try=… option="--secret "
      printf "%s: %s is %s; pulumi config set %s--path '%s[\"%s\"]' %s\n" "$(settings_key "$server")" "$key" \
        "$(misread "${KIND[$key]}" "${STANDARD[$key]}" "$shown")" "$option" "$(settings_key "$server")" "$key" "$try"
    fi
  done < <(set_values)
}

# source_moves: this run is going to check out another commit.
# shellcheck disable=SC2154 # the runner sets `here`
source_moves() {
  local each
  for each in "$here"/requests/*/; do
    [[ $(cat "$each/kind" 2>/dev/null) != source ]] || cmp -s "$each/args" "$RECEIPTS/$(basename "$each")/args" ||
      return 0
  done
  return 1
}

# wanted_dropin: numbers and switches are without quotes, as the core cannot read them otherwise; texts are in quotes,
# or they lose their outer blanks.
wanted_dropin() {
  local texts line value quoted='^([^#;[][^ =]*) = "(.*)"$'
  list lines texts
  for line in "${texts[@]}"; do
    if [[ $line =~ $quoted && ${KIND[${BASH_REMATCH[1]}]-text} != text ]]; then
      trim value "${BASH_REMATCH[2]}"
      line="${BASH_REMATCH[1]} = $value"
    fi
    printf '%s\n' "$line"
  done
}

# wanted_environment: each line of `environment` is NAME=value, with {secret} where a secret goes.
wanted_environment() {
  local lines line value key
  list environment lines
  echo '# Written by the stack: values that hold a password, for the unit of this server.'
  for line in "${lines[@]}"; do
    value=${line#*=}
    if [[ $value =~ ^([^{]*)\{([A-Za-z0-9._-]+)\}(.*)$ ]]; then
      has_secret "${BASH_REMATCH[2]}" || die "the secret ${BASH_REMATCH[2]} did not arrive"
      value=${BASH_REMATCH[1]}$(secret "${BASH_REMATCH[2]}")${BASH_REMATCH[3]}
      if [[ $value == [[:blank:]]* || $value == *[[:blank:]] ]] && key=${BASH_REMATCH[2]#setting.} &&
        [[ ${KIND[$key]-text} != text ]]; then
        trim value "$value"
      fi
    fi
    [[ $value != *[[:cntrl:]\"]* ]] ||
      die "the value of ${line%%=*} may not contain '\"' or line breaks: the server could not read it"
    # Escaped for double quotes, as systemd and a shell read them.
    value=${value//\\/\\\\}
    value=${value//\$/\\\$}
    value=${value//\`/\\\`}
    printf '%s="%s"\n' "${line%%=*}" "$value"
  done
}
