# shellcheck shell=bash
# When a password of a database changes, MariaDB takes the old one beside the new for as long as a server runs that was
# started with it.

# kept_passwords: the copies of the passwords on the host, for root alone. A random one must survive the loss of
# Pulumi's state.
kept_passwords() { printf '%s/passwords' "$(records_folder)"; }
# old_passwords_marker: the file is there while MariaDB takes an old password. A server that starts then checks whether
# it was the last that needed it.
old_passwords_marker() { printf '%s/%s/old-passwords' "$RECEIPTS" "$STEP"; }
declare -gA PASSWORD_VARIABLE=(
  [auth]=TC_LOGIN_DATABASE_INFO [characters]=TC_CHARACTER_DATABASE_INFO [world]=TC_WORLD_DATABASE_INFO
)

# read_started UNIT…: fills STARTED["ROLE UNIT"] with `USER;PASSWORD` of each connection that the running server was
# started with.
read_started() {
  local unit pid entry role
  declare -gA STARTED=()
  for unit; do
    pid=$(systemctl show -P MainPID "$unit" 2>/dev/null) || continue
    [[ ${pid:-0} != 0 ]] || continue
    while IFS= read -r -d '' entry; do
      for role in "${ROLES[@]}"; do
        [[ $entry == "${PASSWORD_VARIABLE[$role]}="* ]] || continue
        entry=${entry%;*}
        STARTED["$role $unit"]=${entry#*;*;}
      done
    done 2>/dev/null <"/proc/$pid/environ"
  done
}

# old_hashes ROLE: hashes of the passwords that servers run with and that are not the stack's.
old_hashes() {
  local each wanted password units
  secret -v wanted "$1"
  mapfile -t units < <(own_server_units)
  read_started "${units[@]}"
  for each in "${!STARTED[@]}"; do
    password=${STARTED[$each]#*;}
    [[ $each != "$1 "* || $password == "$wanted" ]] || printf '%s\n' "$(printf '%s' "$password" | mariadb_hash)"
  done | sort -u
}

# passwords_still_valid UNIT: MariaDB takes every password that the server runs with.
passwords_still_valid() {
  local each user answers
  read_started "$1"
  ((${#STARTED[@]})) || return 1
  answers=$(
    {
      without_sql_logs
      for each in "${STARTED[@]}"; do
        sql_quote -v user "${each%%;*}"
        printf "SELECT COUNT(*) FROM mysql.global_priv WHERE User = %s AND Host = 'localhost' AND JSON_SEARCH(Priv, 'one', '%s') IS NOT NULL;\n" \
          "$user" "$(printf '%s' "${each#*;}" | mariadb_hash)"
      done
    } | sql_lenient
  ) && [[ $answers == 1* && $answers != *0* ]]
}

# old_needed ROLE: a server runs with an old password that MariaDB takes, beside the new one (both) or still alone
# (old).
old_needed() { [[ ${LOGIN[$1]} == both || ${LOGIN[$1]} == old ]] && [[ -n $(old_hashes "$1") ]]; }
any_old_needed() {
  local role
  for role in "${ROLES[@]}"; do if old_needed "$role"; then return 0; fi; done
  return 1
}

# kept_hash ROLE: the hash of the password that is kept on the host, when the stack has another; else `none`.
kept_hash() {
  local wanted kept
  secret -v wanted "$1"
  if read_whole kept "$(kept_passwords)/$1" && [[ -n $kept && $kept != "$wanted" ]]; then
    printf '%s' "$kept" | mariadb_hash
  else
    echo none
  fi
}

# old_sql ROLE: sets @old and @old_rows to the old passwords that MariaDB goes on taking: those it takes now and a
# server runs with.
old_sql() {
  local hash
  echo "SET @old = '', @old_rows = JSON_ARRAY(JSON_OBJECT());"
  ! old_needed "$1" || while IFS= read -r hash; do
    printf "SET @one = '%s';\n" "$hash"
    cat <<'SQL'
SELECT CONCAT(@old, ' OR mysql_native_password USING ''', @one, ''''),
  JSON_ARRAY_APPEND(@old_rows, '$', JSON_OBJECT('plugin', 'mysql_native_password', 'authentication_string', @one)) INTO @old, @old_rows
  FROM mysql.global_priv WHERE User = @user AND Host = 'localhost' AND JSON_SEARCH(Priv, 'one', @one) IS NOT NULL;
SQL
  done < <(old_hashes "$1")
}

# end_old_passwords: after read_account_names. MariaDB takes no old password any more that no server runs with.
end_old_passwords() {
  local role statements
  read_access || return 1
  statements=$(for role in "${ROLES[@]}"; do if [[ ${LOGIN[$role]} == both ]]; then login_sql "$role"; fi; done)
  [[ -z $statements ]] || { without_sql_logs && printf '%s\n' "$statements"; } | sql >/dev/null 2>&1 || return 1
  any_old_needed || rm -f "$(old_passwords_marker)"
}
