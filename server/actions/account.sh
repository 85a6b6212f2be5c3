#!/bin/bash
# Lists the game accounts, or changes one of them (`verb`), by the same rows as the core's own commands write. A new
# password comes as salt and verifier on standard input. What is printed is for actions/account-answers.ts.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
load_kind accounts

# refused WORD [REST]: nothing was changed, and this is why.
refused() {
  echo "refused $*"
  audit "account ${ARG[verb]-}" refused "${ARG[name]-}"
  exit 0
}

know_socket "${ARG[mariadb]-}"
[[ -n ${ARG[socket]} ]] || die "MariaDB is not set up on this host yet" "run \`pulumi up\` first"
mariadb_answers || die "MariaDB does not answer on ${ARG[socket]}" "start it: systemctl start mariadb"
for table in account account_access account_banned; do
  table_is_there "${ARG[database]-}" "$table" ||
    die "the tables of accounts in ${ARG[database]-} are not there yet" "run \`pulumi up\` first"
done
sql_name -v db "${ARG[database]-}"
sql_quote -v name "${ARG[name]-}"

# The core ends a ban only some time after it is over.
lasts() { printf '%s.active = 1 AND (%s.unbandate = %s.bandate OR %s.unbandate > UNIX_TIMESTAMP())' "$1" "$1" "$1" "$1"; }

list_accounts() {
  echo "own ${ARG[announcer]-}"
  [[ ! -f $(owned_file) ]] || sed 's/^/owned /' "$(owned_file)"
  # In JSON no text of a player's can end a line. Without --raw the client would write its backslashes twice.
  # shellcheck disable=SC2154 # sql_name sets db
  sql_client --raw <<<"SELECT CONCAT('account ', JSON_OBJECT('id', a.id, 'name', a.username, 'email', a.email,
      'expansion', a.expansion, 'lastLogin', UNIX_TIMESTAMP(a.last_login), 'lastAddress', a.last_ip,
      'online', IF(a.online, 1, 0), 'locked', IF(a.locked, 1, 0),
      'levels', (SELECT GROUP_CONCAT(CONCAT(RealmID, ':', SecurityLevel) ORDER BY RealmID)
        FROM $db.account_access WHERE AccountID = a.id),
      'banned', COUNT(b.id), 'banEnds', IF(MAX(b.unbandate = b.bandate), NULL, MAX(b.unbandate)),
      'banBy', MAX(b.bannedby), 'banReason', MAX(b.banreason)))
    FROM $db.account a LEFT JOIN $db.account_banned b ON b.id = a.id AND $(lasts b)
    GROUP BY a.id ORDER BY a.username" || die "the accounts could not be read"
}

# find_account: sets `id`. The core finds an account as MariaDB compares names, for which other letters are the same.
find_account() {
  local there
  there=$(sql <<<"SELECT id, username, CAST(UPPER(CONVERT(username USING utf8mb4)) AS BINARY) = CAST($name AS BINARY)
    FROM $db.account WHERE username = $name") || die "the accounts could not be read"
  [[ -n $there ]] || refused unknown
  IFS=$'\t' read -r id there same <<<"$there"
  [[ $same == 1 ]] || refused otherwise "$there"
}

# read_password: sets `password`, a statement for @salt and @verifier, which the others use: the client prints one that
# fails.
read_password() {
  local salt verifier
  IFS=' ' read -r salt verifier
  [[ "$salt $verifier" =~ ^[0-9a-f]{64}\ [0-9a-f]{64}$ ]] || die "no salt and verifier came for the password"
  password="SET @salt = x'$salt', @verifier = x'$verifier';"
}

# change STATEMENTS: all of them or none.
change() {
  sql < <(without_sql_logs && printf 'START TRANSACTION; %s COMMIT;\n' "$1") || die "the account could not be changed"
}

# The core makes a row for each realm as well (AccountMgr::CreateAccount).
create_account() {
  local there email
  there=$(sql <<<"SELECT username FROM $db.account WHERE username = $name") || die "the accounts could not be read"
  [[ -z $there ]] || refused taken "$there"
  read_password
  sql_quote -v email "${ARG[email]-}"
  change "$password
    INSERT INTO $db.account (username, salt, verifier, reg_mail, email, joindate)
      VALUES ($name, @salt, @verifier, $email, $email, NOW());
    INSERT IGNORE INTO $db.realmcharacters (realmid, acctid, numchars)
      SELECT realmlist.id, account.id, 0 FROM $db.realmlist, $db.account WHERE account.username = $name;"
}

# As the core does it (AccountMgr::UpdateAccountAccess): a level on one realm takes the place of that on all realms.
set_level() {
  local realm=${ARG[realm]-} level=${ARG[level]-} changes
  ! grep -Fxqs -- "level ${ARG[name]-}" "$RECEIPTS/${ARG[accounts]-}/manifest" || refused leaving
  changes="DELETE FROM $db.account_access WHERE AccountID = $id AND ($realm = -1 OR RealmID IN ($realm, -1));"
  ((level == 0)) || changes+=" INSERT INTO $db.account_access (AccountID, SecurityLevel, RealmID, Comment)
    VALUES ($id, $level, $realm, 'by npm run realm -- account');"
  change "$changes"
}

# ban_end: when the account's ban ends, 0 for never; NULL where it has none.
ban_end() {
  sql <<<"SELECT IF(MAX(b.unbandate = b.bandate), 0, MAX(b.unbandate)) FROM $db.account_banned b
    WHERE b.id = $id AND $(lasts b)" || die "the bans could not be read"
}

# Two bans within a second would have the same key. The core names the console so.
ban_account() {
  local ends reason
  ends=$(ban_end) || exit 1
  [[ $ends == NULL ]] || refused banned "$ends"
  sql_quote -v reason "${ARG[reason]-}"
  change "UPDATE $db.account_banned SET active = 0 WHERE id = $id AND active <> 0;
    INSERT INTO $db.account_banned (id, bandate, unbandate, bannedby, banreason, active)
      VALUES ($id, UNIX_TIMESTAMP(), UNIX_TIMESTAMP() + ${ARG[seconds]-}, 'Server', $reason, 1)
      ON DUPLICATE KEY UPDATE unbandate = VALUES(unbandate), bannedby = VALUES(bannedby),
        banreason = VALUES(banreason), active = 1;"
}

# unban_account: prints whether there was a ban to end.
unban_account() {
  sql <<<"SELECT IF(COUNT(*) = 0, 'not', 'ended') FROM $db.account_banned b WHERE b.id = $id AND $(lasts b);
    UPDATE $db.account_banned SET active = 0 WHERE id = $id AND active <> 0;" || die "the account could not be changed"
}

# lock_account_to_address VALUE: prints the address that the core compares with.
lock_account_to_address() {
  sql <<<"UPDATE $db.account SET locked = $1 WHERE id = $id; SELECT last_ip FROM $db.account WHERE id = $id;" ||
    die "the account could not be changed"
}

# say_online: which of the account's characters are in the world, and whether the worldserver runs.
say_online() {
  local characters online
  sql_name -v characters "${ARG[characters]-}"
  echo "world $(systemctl show -P ActiveState "${ARG[unit]-}" 2>/dev/null)"
  table_is_there "${ARG[characters]-}" characters || return 0
  sql <<<"SELECT CONCAT('online ', name) FROM $characters.characters WHERE account = $id AND online = 1" ||
    die "the characters could not be read"
  online=$(sql <<<"SELECT online <> 0 AND NOT EXISTS (SELECT 1 FROM $characters.characters
    WHERE account = $id AND online = 1) FROM $db.account WHERE id = $id") || die "the accounts could not be read"
  [[ $online != 1 ]] || echo choosing
}

verb=${ARG[verb]-}
if [[ $verb == list ]]; then
  list_accounts
  exit
fi
[[ ${ARG[name]-} != "${ARG[announcer]-}" ]] || refused own
[[ $verb == create ]] || find_account
rest=""
case $verb in
  create) create_account ;;
  level) set_level ;;
  lock) rest=$(lock_account_to_address 1) || exit 1 ;;
  unlock) rest=$(lock_account_to_address 0) || exit 1 ;;
  ban) ban_account && rest=$(ban_end) || exit 1 ;;
  unban) rest=$(unban_account) || exit 1 ;;
  password)
    read_password
    # Without a session key nobody enters a realm with the old login.
    change "$password UPDATE $db.account SET salt = @salt, verifier = @verifier, session_key_auth = NULL WHERE id = $id;"
    ;;
  kick) ;;
  *) die "no such change of an account: $(printable "$verb")" ;;
esac
audit "account $verb" "done" "$name"
echo "done $rest"
case $verb in level | ban | password | kick) say_online ;; esac
