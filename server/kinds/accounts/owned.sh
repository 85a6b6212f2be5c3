# shellcheck shell=bash
# Which accounts are the stack's, and the salts and verifiers that it made for them.

# The accounts that are the stack's or were once, a line each: number and name. It stays with them when the stack goes,
# so that the next `up` knows its own.
owned_file() { printf '%s/accounts' "$STATE_DIR"; }
# owned_number NAME: its number there, or nothing.
owned_number() {
  local number name
  [[ -f $(owned_file) ]] || return 0
  while read -r number name; do
    [[ $name != "$1" || ! $number =~ ^[0-9]+$ ]] || printf '%s' "$number"
  done <"$(owned_file)"
}

# owner_of NUMBER: of an account that is there. One with the stack's own salt was made by it, or by a run of it that was
# cut off before it could note that.
owner_of() {
  if [[ $(owned_number "${NAMES[$1]}") == "${ID[$1]}" ]]; then
    echo stack
  elif [[ ${SAME[$1]} == 1 ]]; then
    echo unrecorded
  elif [[ ${ADOPT[$1]} == true ]]; then
    echo adopted
  else
    echo somebody
  fi
}

# password_is_new NUMBER: the config's password is another than when this step last came to its end, or it never did.
password_is_new() {
  local key
  completed "$STEP" || return 0
  key=$(secret_key srp6 "${NAMES[$1]}")
  grep -qs "  $key\$" "$RECEIPTS/$STEP/secrets" &&
    ! grep -Fxqs -- "$(secrets_sum "$REQUEST" | grep "  $key\$")" "$RECEIPTS/$STEP/secrets"
}

# password_sql NUMBER: a statement for the variables @salt and @verifier, which the others use: the client prints one
# that fails.
password_sql() {
  local key text
  key=$(secret_key srp6 "${NAMES[$1]}")
  if has_secret "$key"; then
    secret -v text "$key"
    printf "SET @salt = x'%s', @verifier = x'%s';\n" "${text% *}" "${text#* }"
  else
    echo "SET @salt = NULL, @verifier = NULL;"
  fi
}
