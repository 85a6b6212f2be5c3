#!/bin/bash
# What a server is started with.
#   started.sh record SERVER ROOT   at each start, as root: keeps what `show` and `data` print, and a copy of the conf
#   started.sh reloaded SERVER ROOT the running server has read the conf again, as it is in the copy SERVER.conf.asked
#   started.sh show SERVER ROOT     what a start would use now: `HASH PATH` for each file, and last `FOLDER release`
#   started.sh data SERVER ROOT     the names of its game data files
#   started.sh count SERVER ROOT    before each start: only those by systemd itself count as tries, after a crash
# Only root may read the record, as it has hashes of files with passwords.
set -u
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
action=$1 server=$2 root=$3
# shellcheck source=server/run/places.sh
. "${0%/*}/../run/places.sh"
unit=/etc/systemd/system/$server.service
record=$RUNTIME_DIR/$server.started

# unit_says PATTERN: prints what PATTERN finds in the unit, where systemd writes %% for %.
unit_says() { sed -nE "s/$1/\\1/p" "$unit" 2>/dev/null | head -n 1 | sed 's/%%/%/g'; }
program=$(unit_says '^ExecStart=.*\/run\/bin\/([a-z]+) .*')
conf=$(unit_says '^ExecStart=.* --config-dir (.*)')/stack.conf

show() {
  local file files=() hash path list=""
  [[ $program != worldserver ]] || list=$root/data.manifest
  for file in "$unit" {/etc,/run}/systemd/system{,.control}/"$server.service.d"/*.conf \
    "$conf" "$(unit_says '^EnvironmentFile=(.*)')" "$list"; do
    [[ ! -f $file ]] || files+=("$file")
  done
  ((${#files[@]} == 0)) || while read -r hash path
  do printf '%s %s\n' "$hash" "$path"
  done < <(sha256sum "${files[@]}")
  printf '%s release\n' "$(readlink -f "$root/run")"
}

# Read as the server's own user: links may lead to what only root can read.
# shellcheck disable=SC2016 # the other shell expands it
data() {
  local user
  [[ $program == worldserver ]] || return 0
  user=$(systemctl show -P User "$server.service")
  runuser -u "${user:-nobody}" -- sh -c 'cd "$1" && find -- */ -maxdepth 1 -type f' sh "$root/data" 2>/dev/null | sort
}

# mark_errors: from here on the log of errors is of what the server does now.
mark_errors() {
  local log=DBErrors.log
  [[ $program != authserver ]] || log=Auth.log
  stat -c %s "$root/logs/$log" >"${record%.started}.errors" 2>/dev/null || echo 0 >"${record%.started}.errors"
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
    cp -T "$conf" "$RUNTIME_DIR/$server.conf" 2>/dev/null || rm -f "$RUNTIME_DIR/$server.conf"
    # The last log is perhaps still there, where it could not be set aside.
    mark_errors
    # This may have been the last server that ran with an old password of the databases.
    ! compgen -G "$RECEIPTS/*/old-passwords" >/dev/null || timeout 60 bash "${0%/*}/old-passwords.sh" >/dev/null 2>&1 ||
      true
    ;;
  reloaded)
    umask 077
    read -r hash _ < <(sha256sum "$RUNTIME_DIR/$server.conf.asked") || exit 1
    {
      mv -fT "$RUNTIME_DIR/$server.conf.asked" "$RUNTIME_DIR/$server.conf" &&
        awk -v conf="$conf" -v hash="$hash" '$2 == conf { $0 = hash " " conf } { print }' "$record" >"$record.new" &&
        mv -f "$record.new" "$record"
    } || exit 1
    mark_errors
    ;;
  count)
    if [[ $(systemctl show -P NRestarts "$server.service") == 0 ]]; then
      # Else systemd would refuse the fourth start within half an hour, also by a person or along with MariaDB, and the
      # server would stay down.
      systemctl reset-failed "$server.service"
    else
      bash "${0%/*}/crash.sh" note "$server" "$root"
    fi
    ;;
esac
