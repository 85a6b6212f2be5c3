# shellcheck shell=bash
# Settings that the worldserver takes over while it runs: it is told `reload config`, and players stay online. Before
# PROPERTY has to hold the unit's User and MainPID.

RELOADS="reloads the worldserver's settings; players stay online"

# running_conf: the copy of the stack's conf as the server read it last.
running_conf() { printf '%s/%s.conf' "$RUNTIME_DIR" "$(server_name)"; }
conf_file() { printf '%s/etc/%s.conf.d/stack.conf' "${ARG[root]-}" "$(core_program)"; }

# can_reload: the running server can read its settings again, and it can be seen whether it did.
can_reload() {
  local record
  record=$RUNTIME_DIR/$(server_name).started
  [[ $(core_program) == worldserver && -f ${ARG[login]-} && -f $(running_conf) && -f $(conf_file) ]] &&
    grep -qxF "$(readlink -f "${ARG[root]-}/run") release" "$record" 2>/dev/null && log_is_open
}

# log_is_open: the server writes to its main log. It opens its logs anew after it has read its settings again, which is
# the sign that it did: it answers the same to the command when it could not read them.
log_is_open() { [[ -n $(find "/proc/${PROPERTY[MainPID]}/fd" -lname "${ARG[log]-}" 2>/dev/null) ]]; }

# reload_reason: prints a sentence when the server runs with other settings than the conf has, and can take over all of
# them; 1 when there is no difference, or when it needs a restart.
reload_reason() {
  local keys
  can_reload && ! has_same_conf || return 1
  mapfile -t keys < <(changed_keys "$(running_conf)" "$(conf_file)")
  are_live "${keys[@]}" || return 1
  printf '%s runs with older settings (%s), and can read them again' "$(server_name)" \
    "$(and_list "${keys[@]:-in comments only}")"
}
# has_same_conf: the conf is the one that the server was started with, or has read since.
has_same_conf() {
  local record hash
  record=$RUNTIME_DIR/$(server_name).started
  read -r hash _ < <(sha256sum "$(conf_file)" 2>/dev/null)
  grep -qxF "${hash-} $(conf_file)" "$record" 2>/dev/null
}

check_reload() {
  local line
  if line=$(reload_reason); then
    say_unless_repaired_before "$line"
    say_effect "$RELOADS"
  elif can_reload; then
    tell_reload
  fi
}

# tell_reload: in a preview the conf is not written yet, but what it is going to be is in another step's request. Says
# what that will mean to players, where it is less than a restart.
# shellcheck disable=SC2154 # the runner sets `here`
tell_reload() {
  local each wanted="" keys
  for each in "$here"/requests/*/; do
    [[ $(cat "$each/kind" 2>/dev/null) == config ]] || continue
    wanted=$(
      load_request "$each"
      # shellcheck disable=SC2030 # the other step's parameters stay in here
      printf '%s/etc/%s.conf.d/stack.conf\n%s\n' "${ARG[root]-}" "${ARG[server]-}" "${ARG[lines]-}"
    )
    [[ ${wanted%%$'\n'*} != "$(conf_file)" ]] || break
    wanted=""
  done
  [[ -n $wanted ]] || return 0
  mapfile -t keys < <(changed_keys "$(running_conf)" <(printf '%s\n' "${wanted#*$'\n'}"))
  ! are_live "${keys[@]}" || say_effect "$RELOADS"
}

# reload_settings: has the running server read its settings again. Ends the step when it did not.
reload_settings() {
  local asked answer log=${ARG[log]-} user=${PROPERTY[User]:-nobody} aside words
  asked=$(running_conf).asked
  (umask 077 && cp -T "$(conf_file)" "$asked") || die "$asked could not be written" "is it full? df -h $RUNTIME_DIR"
  aside=${log%.log}.$(date +%Y-%m-%d_%H%M%S).log
  { as_user "$user" mv -nT "$log" "$aside" && [[ ! -e $log ]]; } ||
    die "the log $log could not be set aside" "see who may write in ${log%/*}, then run \`pulumi up\` again"
  answer=$(ask_world 'reload config') || true
  if [[ ! -e $log ]]; then
    words=$(end_of_log 20 "$aside" | sed -n 's/.*World settings reload fail: //p' | tail -n 1)
    as_user "$user" mv -nT "$aside" "$log" || true
    rm -f "$asked"
    die "the worldserver did not take over its new settings: $(printable "${words:-${answer:-it does not say why}}")" \
      "players stay online, and it runs with the settings that it had" \
      "put that right and run \`pulumi up\` again, or restart it: npm run realm -- restart worldserver"
  fi
  [[ -s $aside ]] || as_user "$user" rm -f "$aside"
  bash "$here/units/started.sh" reloaded "$(server_name)" "${ARG[root]-}" ||
    die "it could not be kept with which settings the worldserver runs" "is it full? df -h $RUNTIME_DIR"
  note "the worldserver has read its settings again; players stayed online"
}
