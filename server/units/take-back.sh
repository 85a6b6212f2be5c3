#!/bin/bash
# take-back.sh UNIT: waits a minute for a new login over SSH. When one comes, the stack removes this folder. Without
# one, this script stops the packet filter that the stack started, and puts its configuration back. The unit runs a copy
# of the script in a folder of its own, so that it works whatever becomes of the other scripts.
set -u
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
guard=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
unit=$1

sleep "${TRINITY_GUARD_SECONDS:-60}"
# The stack and this script both rename the folder: who comes first decides.
mv -T "$guard" "$guard.gone" 2>/dev/null || exit 0
guard=$guard.gone
{ read -r filter && read -r folder && read -r boots && read -r record; } <"$guard/of" || exit 1

echo "no new login over SSH came through since $filter was started: it is stopped"
case $filter in
  ufw) ufw --force disable ;;
  firewalld)
    systemctl stop firewalld
    # With CleanupOnExit=no firewalld leaves its rules loaded.
    nft delete table inet firewalld 2>/dev/null
    ;;
esac
(cd "$folder" && find . -type f -print0) | while IFS= read -r -d '' file; do
  [[ -e $guard/saved/$file ]] || rm -f "$folder/$file"
done
cp -a "$guard/saved/." "$folder/"
[[ ! -s $guard/sysctl ]] || sysctl -q -p "$guard/sysctl"
[[ $boots == enabled ]] || [[ $filter == ufw ]] || systemctl disable --quiet "$filter"
rm -f "${record%/*}/started"
[[ ! -d ${record%/*} ]] || printf '%s %s UTC\n' "$filter" "$(date -u '+%Y-%m-%d %H:%M:%S')" >"$record"

systemctl disable --quiet "$unit"
rm -rf "/etc/systemd/system/$unit" "$guard"
systemctl daemon-reload
