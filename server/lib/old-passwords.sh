# shellcheck shell=bash
# While a password of the databases changes, MariaDB takes the old one beside the new, for as long as a server runs that was started with it.

# The server's own copies of the passwords, root's alone: one made at random must survive the loss of Pulumi's state.
kept_passwords() { printf '%s/passwords' "$(records)"; }
# There while an old password is taken: a server that starts asks whether it was the last that needed it.
old_taken() { printf '%s/%s/old-passwords' "$RECEIPTS" "$STEP"; }
declare -gA PASSWORD_VARIABLE=([auth]=TC_LOGIN_DATABASE_INFO [characters]=TC_CHARACTER_DATABASE_INFO [world]=TC_WORLD_DATABASE_INFO)

# runs_with_other ROLE PASSWORD: a server runs that was started with another password of this database.
runs_with_other() {
  local unit pid entry
  for unit in $(own_servers); do
    pid=$(systemctl show -P MainPID "$unit" 2>/dev/null) || continue
    [[ ${pid:-0} != 0 ]] || continue
    while IFS= read -r -d '' entry; do
      [[ $entry == "${PASSWORD_VARIABLE[$1]}="* ]] || continue
      entry=${entry%;*}
      [[ ${entry##*;} == "$2" ]] || return 0
    done 2>/dev/null <"/proc/$pid/environ"
  done
  return 1
}

# old_needed ROLE: MariaDB takes the old password beside the new (both), or it alone as yet (old), and a server still runs with it.
old_needed() {
  local wanted
  [[ ${LOGIN[$1]} == both || ${LOGIN[$1]} == old ]] || return 1
  secret -v wanted "$1"
  runs_with_other "$1" "$wanted"
}
any_old_needed() {
  local role
  for role in "${ROLES[@]}"; do if old_needed "$role"; then return 0; fi; done
  return 1
}

# kept_hash ROLE: that of the password that the server keeps, where the stack has another; `none` where it has not.
kept_hash() {
  local wanted kept
  secret -v wanted "$1"
  if read_whole kept "$(kept_passwords)/$1" && [[ -n $kept && $kept != "$wanted" ]]; then printf '%s' "$kept" | hashed; else echo none; fi
}

# old_sql ROLE: @old is the password's hash that goes on being taken beside the new one, or nothing.
old_sql() {
  local at='$.authentication_string'
  [[ ${LOGIN[$1]} != both ]] || at='$.auth_or[1].authentication_string'
  if old_needed "$1"; then
    printf "SET @old = (SELECT JSON_VALUE(Priv, '%s') FROM mysql.global_priv WHERE User = @user AND Host = 'localhost');\n" "$at"
  else
    echo "SET @old = '';"
  fi
}

# end_old_passwords: after know_names, takes no old password any more that no server runs with.
end_old_passwords() {
  local role statements
  read_access || return 1
  statements=$(for role in "${ROLES[@]}"; do if [[ ${LOGIN[$role]} == both ]]; then login_sql "$role"; fi; done)
  [[ -z $statements ]] || { quietly && printf '%s\n' "$statements"; } | sql >/dev/null 2>&1 || return 1
  any_old_needed || rm -f "$(old_taken)"
}
