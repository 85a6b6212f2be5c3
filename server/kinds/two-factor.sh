# shellcheck shell=bash
# Two-factor login (TOTP): the master secret in force is the config's, and accounts have the secrets that the config
# gives them. The authserver itself encrypts the secrets of all accounts anew when it starts with a new master secret
# (units/master-secret.sh); this step only sees to it that it did. The secrets that players set up themselves are never
# touched.
# observed: which master secret is in force; of each account with a secret in the config, that it has this one, and that
#   the core can decrypt it; the same of the newest of the players' own secrets
# not observed: whether a player has the secret in an authenticator app

# How many of the players' own secrets are decrypted at each look.
SAMPLE=8

# read_wanted_secrets: by number NAMES, and WANTED with the secret in hexadecimal, or `off`.
read_wanted_secrets() {
  local lines line word
  NAMES=() WANTED=()
  list accounts lines
  # shellcheck disable=SC2154 # list fills it
  for line in "${lines[@]}"; do
    NAMES+=("${line% *}")
    word=off
    [[ $line == *' off' ]] || secret -v word "$(secret_key totp "${line% *}")" || word=unknown
    WANTED+=("$word")
  done
}

# read_secrets: by number STORED, the secrets in the table in hexadecimal; and OTHERS, names and secrets of other
# accounts.
read_secrets() {
  local database name at line answer others=''
  sql_name -v database "${ARG[database]-}"
  STORED=() OTHERS=()
  for at in "${!NAMES[@]}"; do
    sql_quote -v name "${NAMES[at]}"
    others+=", $name"
  done
  mapfile -t answer < <(sql < <(
    for at in "${!NAMES[@]}"; do
      sql_quote -v name "${NAMES[at]}"
      printf "SELECT CONCAT('%d ', LOWER(HEX(totp_secret))) FROM %s.account WHERE username = %s AND totp_secret IS NOT NULL;\n" \
        "$at" "$database" "$name"
    done
    printf "SELECT CONCAT('other ', LOWER(HEX(totp_secret)), ' ', username) FROM %s.account
      WHERE totp_secret IS NOT NULL AND username NOT IN (''%s) ORDER BY id DESC LIMIT %d;\n" "$database" "$others" "$SAMPLE"
    echo "SELECT 'end';"
  ))
  [[ ${answer[*]: -1} == end ]] || return 1
  for line in "${answer[@]}"; do
    case $line in
      'other '*) OTHERS+=("${line#other }") ;;
      [0-9]*) STORED[${line%% *}]=${line#* } ;;
    esac
  done
}

observe() {
  local master="" present at line
  read_wanted_secrets
  if has_secret master; then secret -v master master; fi
  read_two_factor "${ARG[database]-}"
  case $? in
    0) ;;
    2) blind "the tables of ${ARG[database]-} are not there yet as the core has them, so two-factor secrets cannot be looked at" && return ;;
    *) blind "MariaDB does not answer on ${ARG[socket]-}, so two-factor secrets cannot be looked at" && return ;;
  esac
  read_secrets || { blind "the two-factor secrets in ${ARG[database]-} could not be read" && return; }
  find_master
  check_master
  [[ $present != unknown || $USERS == 0 ]] || return 0
  for at in "${!NAMES[@]}"; do check_secret "$at"; done
  [[ $present != unknown ]] || return 0
  for line in "${OTHERS[@]}"; do
    opens "$present" "${line%% *}" ||
      hint "nobody can log in to the account ${line#* }: its two-factor secret was encrypted with another master secret; on the worldserver's console \`account set 2fa ${line#* } off\` takes it away"
  done
}

# check_master: whether the wanted one is in force. Another one is in force only until the authserver restarts, which is
# that step's affair.
check_master() {
  local accounts
  accounts="$USERS account$([[ $USERS == 1 ]] || echo s)"
  case $present in
    "$master") ;;
    unknown)
      # As long as no account has a secret, the authserver takes any master secret.
      ((USERS == 0)) ||
        refuse "$accounts in ${ARG[database]-} have a two-factor secret that was encrypted with a master secret unknown here; the authserver would not start with another one: set the one that they had (TOTPMasterSecret in its authserver.conf): pulumi config set --secret --path trinitycore:login.totpMasterSecret"
      ;;
    *)
      ((USERS == 0)) ||
        hint "the two-factor secret of $accounts is encrypted with the new master secret as soon as the authserver restarts; the worldserver restarts with it, and codes stay as they are"
      ;;
  esac
}

# find_master: after read_two_factor and read_secrets, sets `present` to the master secret in force.
find_master() {
  local stored
  present=$(master_in_force "$master")
  [[ $present == unknown && $USERS != 0 && -n $master ]] || return 0
  for stored in "${STORED[@]}" "${OTHERS[@]%% *}"; do opens "$master" "$stored" || return 0; done
  present=$master
}

# check_secret NUMBER: of an account that the config names.
check_secret() {
  local name=${NAMES[$1]} stored=${STORED[$1]-} wanted=${WANTED[$1]}
  case $wanted in
    off)
      [[ -z $stored ]] || ! had_secret "$name" ||
        say "the account $name has a two-factor secret, which is not in the config any more"
      ;;
    unknown) ;;
    *)
      if [[ -z $stored ]]; then
        say "the account $name has no two-factor secret"
      elif ! holds "$present" "$stored" "$wanted"; then
        say "the two-factor secret of the account $name is not the config's"
      fi
      ;;
  esac
}
# had_secret NAME: this step gave it one.
had_secret() { completed "$STEP" && stale_lines "$STEP" | grep -Fxq -- "secret $1"; }

apply() {
  local master at present
  wait_for 30 mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  read_wanted_secrets
  secret -v master master
  read_two_factor "${ARG[database]-}" || die "the tables of ${ARG[database]-} are not as the core has them: the login database is not up to date"
  read_secrets || die "the two-factor secrets in ${ARG[database]-} could not be read"
  find_master
  [[ $present != unknown ]] || die "the master secret that the authserver runs with is not on record" "systemctl restart authserver, then run \`pulumi up\` again"
  for at in "${!NAMES[@]}"; do
    [[ ${WANTED[at]} == off ]] || holds "$present" "${STORED[at]-}" "${WANTED[at]}" || write_secret "$at"
  done
}

# write_secret NUMBER: only while the master secret in force is still the same.
write_secret() {
  local database name digest stored
  stored=$(sealed "$present" "$(od -An -vtx1 -N12 /dev/urandom | tr -d ' \n')" "${WANTED[$1]}") ||
    die "the two-factor secret of the account ${NAMES[$1]} could not be encrypted"
  sql_name -v database "${ARG[database]-}"
  sql_quote -v name "${NAMES[$1]}"
  # shellcheck disable=SC2153 # read_two_factor fills it
  sql_quote -v digest "$DIGEST"
  sql < <(
    without_sql_logs
    printf "UPDATE %s.account SET totp_secret = x'%s' WHERE username = %s
      AND IFNULL((SELECT digest FROM %s.secret_digest WHERE id = 0), '') = %s;\n" \
      "$database" "$stored" "$name" "$database" "$digest"
  ) || die "the two-factor secret of the account ${NAMES[$1]} could not be written"
}

manifest() {
  local lines line
  printf 'file %s\n' "$(master_record)"
  list accounts lines
  for line in "${lines[@]}"; do [[ $line == *' off' ]] || printf 'secret %s\n' "${line% *}"; done
}

# An account whose secret is taken out of the config asks for no code any more. One that goes itself, or whose stack
# goes, keeps it: it would be open to whoever knows its password.
drop() {
  local database name=${1#secret }
  case $1 in
    'file '*) note "kept: the master secret, as the two-factor secrets in ${ARG[database]-} are encrypted with it" ;;
    'secret '*)
      if [[ $'\n'${ARG[accounts]-}$'\n' != *$'\n'"$name off"$'\n'* ]]; then
        note "kept: the two-factor secret of the account $name"
        return
      fi
      sql_name -v database "${ARG[database]-}"
      sql <<<"UPDATE $database.account SET totp_secret = NULL WHERE username = $(sql_quote "$name");" ||
        die "the two-factor secret of the account $name could not be taken away"
      ;;
  esac
}
