# shellcheck shell=bash
# The text of one of the stack's systemd units. Whether the unit runs is another step's matter.
# observed: the unit, by its text; whether it is masked or replaced by a link; an older unit under its old name; whether
#   systemd has read it; drop-ins (told and kept: an operator changes a unit with them); before a unit is written,
#   whether systemd can make its sandbox on this host; the unit of a former realm, which stays in its place until a
#   release is live
# not observed: systemd's own settings (`system.conf`): they are the operator's

unit_file() { printf '/etc/systemd/system/%s' "${ARG[unit]-}"; }

observe() {
  local file=/etc/systemd/system/${ARG[unit]-} alias dropin
  if former_is_live "${ARG[server]-}" "${ARG[unit]-}"; then
    hint "${ARG[unit]-} follows $(former_units "${ARG[server]-}" | paste -sd ' ') when the new server goes live"
    refuse_sandbox "$file"
    return
  fi
  if [[ ! -L $file ]]; then
    check_file "$file" 0644 root:root "${ARG[content]-}" show
  elif [[ $(readlink "$file") == /dev/null ]]; then
    say "${ARG[unit]-} is masked"
  else
    say "$file is a link to $(readlink "$file"), should be a file of its own"
  fi
  for alias in $(older_units); do
    ! is_older_unit "$alias" ||
      say "$alias is a unit of its own, should $(if [[ $'\n'${ARG[aliases]-}$'\n' == *$'\n'"$alias"$'\n'* ]]; then echo "be another name of ${ARG[unit]-}"; else echo "give way to ${ARG[unit]-}"; fi) (it will be stopped and set aside)"
  done
  for dropin in {/etc,/run}/systemd/system{,.control}/"${ARG[unit]-}".d/*.conf; do
    [[ ! -e $dropin ]] || hint "${ARG[unit]-} is changed by the drop-in $dropin"
  done
  refuse_sandbox "$file"
  [[ $(systemctl show -p NeedDaemonReload --value "${ARG[unit]-}" 2>/dev/null) != yes ]] ||
    say "systemd has not read the present ${ARG[unit]-} yet (daemon-reload)"
}

# older_units: prints the names that an older installation's unit may have: the unit's aliases, or the names of the
# former realm's units.
older_units() {
  local aliases
  list aliases aliases
  { ((${#aliases[@]} == 0)) || printf '%s\n' "${aliases[@]}"; former_units "${ARG[server]-}"; } | sort -u
}
# refuse_sandbox FILE: refuses when systemd cannot make the unit's sandbox. The first start would show the same, but
# comes after an hour's build.
refuse_sandbox() {
  local words lines
  ! has_content "$1" "${ARG[content]-}" || return 0
  words=$(sandbox_refused "${ARG[unit]-}" "${ARG[content]-}") || return 0
  mapfile -t lines < <(sandbox_way_out "${ARG[unit]-}")
  refuse "systemd cannot make the sandbox of ${ARG[unit]-} on this host ($words); $(printf '%s; ' "${lines[@]::${#lines[@]}-1}")${lines[-1]}"
}

# is_older_unit NAME: a unit stands there that the stack did not write.
is_older_unit() { [[ -f /etc/systemd/system/$1 && ! -L /etc/systemd/system/$1 ]] && ! is_stack_unit "/etc/systemd/system/$1"; }

apply() {
  local file alias
  file=$(unit_file)
  for alias in $(older_units); do
    is_older_unit "$alias" || continue
    note "stopping $alias and setting it aside as $alias$SET_ASIDE_SUFFIX"
    set_unit_aside "$alias"
  done
  arg content | write_file "$file" 0644 root:root
  reload_unit "${ARG[unit]-}" || die "systemd could not read its units again"
}

manifest() {
  local alias aside
  ! former_is_live "${ARG[server]-}" "${ARG[unit]-}" || return 0
  printf 'file %s\n' "$(unit_file)"
  for alias in $(older_units); do
    for aside in /etc/systemd/system/"$alias$SET_ASIDE_SUFFIX"*; do
      [[ ! -e $aside ]] || printf 'kept %s\n' "$aside"
    done
  done
}

drop() {
  case $1 in
    'file '*)
      # A run that was cut off may not have set aside yet what was there before.
      [[ -L ${1#file } || ! -f ${1#file } ]] || is_stack_unit "${1#file }" || {
        note "left alone: ${1#file } is not this stack's" && return
      }
      rm -f -- "${1#file }"
      reload_unit "${1##*/}"
      ;;
  esac
}
