#!/bin/bash
# What a server is started with: `record SERVER ROOT` at each start (root), `show SERVER ROOT` for what it would be now,
# `data SERVER ROOT` for the names of its game data; `count SERVER ROOT` before each start: only those by systemd itself
# count as tries. A line each: HASH PATH, and at the end the release: FOLDER release. Hashes of files with passwords are
# for root's eyes only.
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
action=$1 server=$2 root=$3
# shellcheck source=server/run/places.sh
. "${0%/*}/../run/places.sh"
unit=/etc/systemd/system/$server.service
record=/run/trinity-stack/$server.started

# said PATTERN: of what the unit says, in systemd's spelling.
said() { sed -nE "s/$1/\\1/p" "$unit" 2>/dev/null | head -n 1 | sed 's/%%/%/g'; }
program=$(said '^ExecStart=.*\/run\/bin\/([a-z]+) .*')

show() {
  local file files=() hash path list=""
  [[ $program != worldserver ]] || list=$root/data.manifest
  for file in "$unit" {/etc,/run}/systemd/system{,.control}/"$server.service.d"/*.conf \
    "$(said '^ExecStart=.* --config-dir (.*)')/stack.conf" "$(said '^EnvironmentFile=(.*)')" "$list"; do
    [[ ! -f $file ]] || files+=("$file")
  done
  ((${#files[@]} == 0)) || while read -r hash path
  do printf '%s %s\n' "$hash" "$path"
  done < <(sha256sum "${files[@]}")
  printf '%s release\n' "$(readlink -f "$root/run")"
}

# As the server's own user: there may be links to what only root can read.
# shellcheck disable=SC2016 # the other shell expands it
data() {
  local user
  [[ $program == worldserver ]] || return 0
  user=$(systemctl show -P User "$server.service")
  runuser -u "${user:-nobody}" -- sh -c 'cd "$1" && find -- */ -maxdepth 1 -type f' sh "$root/data" 2>/dev/null | sort
}

case $action in
  show) show ;;
  data) data ;;
  record)
    umask 077
    mkdir -p "${record%/*}"
    show >"$record.new"
    mv -f "$record.new" "$record"
    data >"${record%.started}.data"
    # What the server says from here on is of this start, also where the last log could not be set aside.
    log=DBErrors.log
    [[ $program != authserver ]] || log=Auth.log
    stat -c %s "$root/logs/$log" >"${record%.started}.errors" 2>/dev/null || echo 0 >"${record%.started}.errors"
    # It may have been the last that ran with an old password of the databases.
    ! compgen -G "$RECEIPTS/*/old-passwords" >/dev/null || timeout 60 bash "${0%/*}/old-passwords.sh" >/dev/null 2>&1 ||
      true
    ;;
  # Else the fourth restart within half an hour, by a person or along with MariaDB, would be refused and leave the
  # server down.
  count) [[ $(systemctl show -P NRestarts "$server.service") != 0 ]] || systemctl reset-failed "$server.service" ;;
esac
