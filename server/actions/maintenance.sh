#!/bin/bash
# Lets nobody below a level (`level`) into the realm, or all whom the config lets in, where no level is given. The level
# is in three places: in the receipt of the realm's row, so that the row's step keeps it; in the row, from which the
# authserver tells players and which the worldserver reads when it starts; and in the running worldserver, which throws
# out whoever is below it (World.cpp, SetPlayerSecurityLimit). The last is told by the request in `question`.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
# shellcheck source=server/actions/ask.sh
. "${BASH_SOURCE[0]%/*}/ask.sh"

# change_level: the receipt first: a step that is applied meanwhile then does what was asked for last.
change_level() {
  local receipt=$RECEIPTS/${ARG[row]} pair level database
  local -A row=()
  while IFS= read -r -d '' pair; do row[${pair%%=*}]=${pair#*=}; done <"$receipt/args"
  ARG[socket]=${row[socket]-} level=${row[allowedSecurityLevel]-0}
  mariadb_answers || die "MariaDB does not answer on ${ARG[socket]}, so the realm's row cannot be changed" \
    "$(why_no_answer)"
  if [[ -n ${ARG[level]-} ]]; then
    ((level > ARG[level])) || level=${ARG[level]}
    write_file "$receipt/maintenance" 0600 root:root <<<"$level"
  else
    rm -f "$receipt/maintenance"
  fi
  sql_name -v database "${row[database]-}"
  sql <<<"UPDATE $database.realmlist SET allowedSecurityLevel = $level WHERE id = ${row[id]-0};" ||
    die "the realm's row could not be changed" "run it again"
  echo "level $level"
}

completed "${ARG[row]-}" || die "the realm's row is not on this host yet" "run \`pulumi up\` first"
(with_lock "${ARG[row]}" change_level) || exit 1
audit maintenance "done" "${ARG[level]:+on, level ${ARG[level]}}"
if ! has_login; then
  echo "no-login ${ARG[login]-}"
elif [[ $(systemctl show -P ActiveState "${ARG[unit]-}") == active ]]; then
  base64 -d <<<"${ARG[question]-}" | ask_line "${ARG[unit]-}"
fi
echo end
