# shellcheck shell=bash
# Takes over a realm that somebody else set up (trinitycore:host.adopt). It runs on until the schema step: that stops
# the recorded units for the update of the databases, and sets them aside when the new release goes live. Nothing is
# deleted.
# observed: timers that would build, stop or start its servers; game data of it that the realm's own folder lacks; until
#   the new servers have been started once
# not observed: its databases, folders and settings: the steps that use them do that

observe() {
  local timer folder kinds kind
  if started_by_stack; then
    while IFS= read -r timer; do
      ! timer_on "$timer" || say "$timer is on again, and would get in the way of this stack"
    done < <(recorded timer)
    return 0
  fi
  find_former
  while IFS= read -r timer; do say "$timer is on, and would get in the way of this stack"; done < <(timers_on)
  [[ -z $(comm -23 <(record | sort) <(sort "$(former_record)" 2>/dev/null)) ]] ||
    say "it is not on record what is taken over"
  read -r folder kinds < <(former_data) || return 0
  for kind in $kinds; do
    has_data "${ARG[root]-}/data/$kind" || say "the realm's data/$kind is empty, $folder/$kind is not"
  done
}

find_former() {
  local unit
  declare -gA SERVER=() TIMER=()
  find_units
  for unit in "${!SERVER[@]}"; do is_in_the_way "$unit" || unset "SERVER[$unit]"; done
  find_timers
}
timers_on() {
  local timer
  for timer in "${!TIMER[@]}"; do ! timer_on "$timer" || printf '%s\n' "$timer"; done
}
record() {
  local unit timer
  for unit in "${!SERVER[@]}"; do printf 'unit %s %s\n' "$unit" "${SERVER[$unit]##*/}"; done
  while IFS= read -r timer; do printf 'timer %s\n' "$timer"; done < <(timers_on)
}
recorded() { sed -n "s/^$1 \([^ ]*\).*/\1/p" "$(former_record)" 2>/dev/null || true; }

apply() {
  local timer timers service folder kinds kind
  if started_by_stack; then
    mapfile -t timers \
      < <(while IFS= read -r timer; do ! timer_on "$timer" || printf '%s\n' "$timer"; done < <(recorded timer))
    switch_off "${timers[@]}"
    return
  fi
  find_former
  for timer in "${!TIMER[@]}"; do
    service=${timer%.timer}.service
    [[ $(systemctl is-active "$service" 2>/dev/null) != activating ]] ||
      die "$service is at work" "wait until it has ended (systemctl status $service), then run \`pulumi up\` again"
  done
  { cat "$(former_record)" 2>/dev/null || true; record; } | sort -u | write_file "$(former_record)" 0600 0:0
  mapfile -t timers < <(timers_on)
  switch_off "${timers[@]}"
  read -r folder kinds < <(former_data) || return 0
  for kind in $kinds; do
    has_data "${ARG[root]-}/data/$kind" || take_data "$folder/$kind" "${ARG[root]-}/data/$kind"
  done
}

switch_off() {
  (($#)) || return 0
  note "switching off $*; their files stay"
  systemctl disable --quiet --now "$@" || die "these timers could not be switched off: $*"
}

# take_data FROM TO: hard links where both are on one disk, else a copy; put in place when complete. FROM is read as its
# owner and TO is written as the service user, so that links in it do not lead root elsewhere.
take_data() {
  local user=${ARG[user]-} new=${2%/*}/.${2##*/}.new
  note "taking over the game data in $1"
  as_user "$user" rm -rf --one-file-system -- "${new:?}"
  # Files of another owner are copied: a hard link shares its owner, so the owner's own file would be given away.
  { [[ -z $(find -L "$1" ! -user "$user" -print -quit) ]] && as_user "$user" cp -aL --link "$1" "$new" 2>/dev/null; } ||
    {
    as_user "$user" rm -rf --one-file-system -- "${new:?}"
    enough_space "${2%/*}" "$(du -sLm "$1" | cut -f 1)" "a copy of $1"
    as_user "$user" mkdir "$new"
    as_user "$(stat -L -c %U "$1")" tar -C "$1" -chf - . | as_user "$user" tar -C "$new" -xf -
  }
  [[ ! -d $2 ]] || as_user "$user" rmdir "$2"
  as_user "$user" mv -T "$new" "$2"
}

manifest() {
  printf 'file %s\n' "$(former_record)"
  recorded timer | sed 's/.*/kept the timer &, switched off/'
}

# The former realm that was not taken over yet runs on, and gets its timers back.
drop() {
  local timers
  [[ $1 == 'file '* ]] || return 0
  mapfile -t timers < <(recorded timer)
  if [[ -d ${ARG[root]-}/run && ! -L ${ARG[root]-}/run ]] && ((${#timers[@]})); then
    note "switching on again: ${timers[*]}"
    systemctl enable --quiet --now "${timers[@]}" || note "not all of them could be switched on"
  fi
  rm -f -- "${1#file }"
}

keeps() {
  local left=() each
  for each in "${ARG[root]-}"/{run,build}.before-* /etc/systemd/system/*"$SET_ASIDE_SUFFIX"*; do
    [[ ! -e $each ]] || left+=("$each")
  done
  ((${#left[@]} == 0)) ||
    note "kept, of the realm that was here before: $(printf '%s, ' "${left[@]}")its databases and game data, and its timers (switched off)"
}
