# shellcheck shell=bash
# The game account with which the stack talks to the worldserver, and the file with its login. The account is locked to
# the host's own address: nobody can log in to the game with it from elsewhere. SOAP and the remote console do not
# check that lock; they are protected by the addresses that they listen on.
# observed: the account, its password, level and lock; the file, by its content
# not observed: whether the worldserver answers: `npm run realm -- status` says so

observe() {
  local database=${ARG[database]-} answer
  mapfile -t answer < <(sql_lenient < <(account_questions))
  case ${answer[0]-} in
    2) ;;
    [01]) blind "there is no table $database.account yet, so the stack's account cannot be looked at" && return ;;
    *) blind "MariaDB does not answer on ${ARG[socket]-}, so the stack's account cannot be looked at" && return ;;
  esac
  case ${answer[1]-} in
    none) say "there is no account ${ARG[account]-}, with which the stack talks to the worldserver" ;;
    1)
      [[ ${answer[2]-} == 1 ]] ||
        say "the account ${ARG[account]-} is no administrator on every realm, so it cannot talk to the worldserver"
      ;;
    *) say "the account ${ARG[account]-} has another password" ;;
  esac
  [[ ${answer[1]-} == none || ${answer[3]-} == 1 ]] ||
    say "the account ${ARG[account]-} is not locked to 127.0.0.1, so whoever knows its password can log in to the game from elsewhere"
  check_file "${ARG[login]-}" 0600 root:root "$(login)"$'\n'
}

# account_questions: asks how many of the two tables there are, whether the password is right, whether the account has
# the level it needs, and its lock.
account_questions() {
  local database quoted name
  sql_name -v database "${ARG[database]-}"
  sql_quote -v quoted "${ARG[database]-}"
  sql_quote -v name "${ARG[account]-}"
  wanted
  printf "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s AND table_name IN ('account', 'account_access');\n" \
    "$quoted"
  printf \
    "SELECT IFNULL((SELECT salt = @salt AND verifier = @verifier FROM %s.account WHERE username = %s), 'none');\n" \
    "$database" "$name"
  printf 'SELECT COUNT(*) FROM %s.account_access WHERE SecurityLevel = 3 AND RealmID = -1 AND AccountID = (SELECT id FROM %s.account WHERE username = %s);\n' \
    "$database" "$database" "$name"
  printf "SELECT IFNULL((SELECT locked = 1 AND last_ip = '127.0.0.1' FROM %s.account WHERE username = %s), 'none');\n" \
    "$database" "$name"
}

# wanted: sets variables to what the table should hold. Not in a statement, as MariaDB's client prints one that fails.
wanted() {
  local salt verifier
  secret -v salt salt
  secret -v verifier verifier
  without_sql_logs
  printf "SET @salt = x'%s', @verifier = x'%s';\n" "$salt" "$verifier"
}

login() {
  local password
  secret -v password password
  printf 'user = "%s:%s"\nurl = "%s"' "${ARG[account]-}" "$password" "${ARG[url]-}"
}

apply() {
  local database name
  mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  sql_name -v database "${ARG[database]-}"
  sql_quote -v name "${ARG[account]-}"
  sql < <(
    wanted
    printf "INSERT INTO %s.account (username, salt, verifier, joindate, locked, last_ip) VALUES (%s, @salt, @verifier, NOW(), 1, '127.0.0.1') ON DUPLICATE KEY UPDATE salt = VALUES(salt), verifier = VALUES(verifier), locked = 1, last_ip = '127.0.0.1';\n" \
      "$database" "$name"
    printf "REPLACE INTO %s.account_access (AccountID, SecurityLevel, RealmID, Comment) SELECT id, 3, -1, 'tells players of restarts' FROM %s.account WHERE username = %s;\n" \
      "$database" "$database" "$name"
  ) || die "the account ${ARG[account]-} could not be written"
  mkdir -p "$(dirname "${ARG[login]-}")"
  { login && echo; } | write_file "${ARG[login]-}" 0600 root:root
}

manifest() { printf 'account %s\nfile %s\n' "${ARG[account]-}" "${ARG[login]-}"; }

drop() {
  local database name
  case $1 in
    'account '*)
      mariadb_client >/dev/null || return 0
      mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}, so the account ${1#account } cannot be removed" \
        "start it (systemctl start mariadb), then run the same again"
      sql_name -v database "${ARG[database]-}"
      sql_quote -v name "${1#account }"
      # The tables are gone when their database is.
      sql_lenient < <(
        printf 'DELETE FROM %s.account_access WHERE AccountID IN (SELECT id FROM %s.account WHERE username = %s);\n' "$database" "$database" "$name"
        printf 'DELETE FROM %s.account WHERE username = %s;\n' "$database" "$name"
      ) || true
      ;;
    'file '*) rm -f -- "${1#file }" ;;
  esac
}
