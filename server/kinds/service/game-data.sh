# shellcheck shell=bash
# Game data as the worldserver will see it: as the service user, and in its sandbox. root sees more.

# unseen_data DATA_FOLDER: prints a sentence, with the remedy, for each reason why the server cannot read the data;
# nothing when it can. Before the call PROPERTY has to hold the unit's User, MainPID and SANDBOX_PROPERTIES.
# shellcheck disable=SC2034 # whoever asks systemd does
SANDBOX_PROPERTIES=(User ProtectHome PrivateTmp PrivateDevices BindPaths BindReadOnlyPaths)
unseen_data() {
  local folder link real folders=() told=" " seen=()
  for folder in "$1"/{dbc,maps,vmaps,mmaps,Cameras}; do
    if [[ -L $folder && ! -e $folder ]]; then
      printf '%s is a link to %s, which is not there\n' "$folder" "$(readlink "$folder")"
    elif [[ -d $folder ]]; then
      folders+=("$folder")
    fi
  done
  ((${#folders[@]})) || return 0
  # Many links may lead out of one folder: the first is enough for a message.
  while IFS= read -r link; do
    folder=$link
    [[ -d $link ]] || folder=${link%/*}
    [[ $told != *" $folder "* ]] || continue
    real=$(as_user "${PROPERTY[User]:-nobody}" readlink -f "$link") || real=$(readlink "$link")
    if [[ $real == "$1"/* ]] || ! is_hidden_from_server "$real"; then continue; fi
    told+="$folder "
    printf '%s leads to %s, which its sandbox hides; mount it there instead: ' "$link" "$real"
    [[ -d $real ]] || real=${real%/*}
    [[ ! -L $folder ]] || printf 'rm %s && mkdir %s && ' "$folder" "$folder"
    printf 'mount --bind %s %s, and for the next boot a line in /etc/fstab: %s %s none bind 0 0\n' "$real" "$folder" \
      "$real" "$folder"
  done < <(find "${folders[@]}" -maxdepth 1 -type l)
  for folder in "${folders[@]}"; do [[ $told == *" $folder "* ]] || seen+=("$folder"); done
  ((${#seen[@]} == 0)) || unreadable "${seen[@]}"
}

# is_hidden_from_server PATH: the server cannot see PATH. A running server's own view decides; else its unit does.
is_hidden_from_server() {
  local way bound
  if ((${PROPERTY[MainPID]:-0})); then
    [[ ! -e /proc/${PROPERTY[MainPID]}/root$1 ]]
    return
  fi
  case $1 in
    /home/* | /root/* | /run/user/*) way=${PROPERTY[ProtectHome]-} ;;
    /tmp/* | /var/tmp/*) way=${PROPERTY[PrivateTmp]-} ;;
    /dev/*) way=${PROPERTY[PrivateDevices]-} ;;
    *) return 1 ;;
  esac
  [[ $way == yes || $way == tmpfs || $way == connected || $way == disconnected ]] || return 1
  for bound in ${PROPERTY[BindPaths]-} ${PROPERTY[BindReadOnlyPaths]-}; do
    bound=${bound#*:} bound=${bound%%:*}
    [[ $1 != "$bound" && $1 != "$bound"/* ]] || return 1
  done
}

# unreadable FOLDER…: names the first thing in them that the service user may not read.
unreadable() {
  local user=${PROPERTY[User]:-root} found
  found=$(as_user "$user" find -L "$@" -maxdepth 1 ! -readable -print -quit 2>&1) || true
  found=${found%%$'\n'*}
  [[ -z $found ]] || printf '%s may not read the game data (%s): chown -R %s %s\n' "$user" "$found" "$user" "${1%/*}"
}
