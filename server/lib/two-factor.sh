# shellcheck shell=bash
# Two-factor login (TOTP). The core encrypts the secrets of accounts with a master secret, of which the database has a
# digest (SecretMgr.cpp). When the authserver starts with another master secret it encrypts them anew, if it is given
# the old one as well; without that it crashes. These functions tell which master secret is in force, and they encrypt
# as the core does (AES.cpp, CryptoGenerics.h).

# master_record: all master secrets that were ever in force, a line each, with the digest that the core made of it; the
# last one is in force. The former ones stay, as a backup of the database may be older than the last change.
master_record() { printf '%s/master-secrets' "$STATE_DIR"; }
# next_master: the one that a start of the authserver brings into force. It is there until that start has come to its
# end.
next_master() { printf '%s/master-secrets.next' "$STATE_DIR"; }
# start_environment: what the authserver's present start is given beside its own environment file.
start_environment() { printf '%s/two-factor.env' "$RUNTIME_DIR"; }

# read_two_factor DATABASE: fills DIGEST, and USERS with the number of accounts that have a secret; 1 when MariaDB does
# not answer, 2 when the tables are not there as the core has them.
read_two_factor() {
  local database quoted answer
  sql_name -v database "$1"
  sql_quote -v quoted "$1"
  DIGEST="" USERS=0
  mapfile -t answer < <(sql_lenient <<EOSQL
SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = $quoted AND (
  table_name = 'account' AND column_name IN ('username', 'totp_secret')
  OR table_name = 'secret_digest' AND column_name IN ('id', 'digest'));
SELECT COUNT(*) FROM $database.account WHERE totp_secret IS NOT NULL;
SELECT IFNULL((SELECT digest FROM $database.secret_digest WHERE id = 0), '');
EOSQL
  )
  ((${#answer[@]})) || return 1
  [[ ${answer[0]} == 4 && ${#answer[@]} == 3 ]] || return 2
  # shellcheck disable=SC2034 # who asks reads them
  USERS=${answer[1]} DIGEST=${answer[2]}
}

# master_in_force WANTED: after read_two_factor, prints the master secret that the database's secrets are encrypted
# with: `none`, or `unknown` when the host has no record of it.
master_in_force() {
  local master digest next found=unknown
  [[ -n $DIGEST ]] || { echo none && return; }
  if [[ -f $(master_record) ]]; then
    while read -r master digest; do [[ $digest != "$DIGEST" ]] || found=$master; done <"$(master_record)"
  fi
  # A start may have brought it into force, and been cut off before that was noted.
  if [[ $found == unknown ]] && read_whole next "$(next_master)" && [[ ${next%$'\n'} != "$1" ]]; then
    found=${next%$'\n'}
  fi
  echo "$found"
}

# known_masters DATABASE: the record, for a backup of the database, with what a start brought into force that was cut
# off before it noted that.
known_masters() {
  local present
  [[ ! -f $(master_record) ]] || cat "$(master_record)"
  read_two_factor "$1" && [[ -n $DIGEST ]] || return 0
  present=$(master_in_force "")
  [[ $present == unknown ]] || grep -Fxqs -- "$present $DIGEST" "$(master_record)" || printf '%s %s\n' "$present" "$DIGEST"
}
# know_masters_of_backup <lines: adds those of a backup to the record, before a database of that time is put back. They
# come first, as the last one is in force; the next start of the authserver hands the accounts' secrets over.
know_masters_of_backup() {
  local own=""
  [[ ! -f $(master_record) ]] || own=$(<"$(master_record)")
  {
    grep -xE '[0-9A-F]{32} [^ ]+' | grep -vFx -- "${own:-none}" || true
    [[ -z $own ]] || printf '%s\n' "$own"
  } | write_file "$(master_record)" 0600 root:root
}

# wanted_master FILE: the one in the environment file of a server.
wanted_master() { sed -nE 's/^TC_TOTPMASTER_SECRET="?([0-9A-F]{32})"?$/\1/p' "$1" 2>/dev/null; }
# master_of_process PID: the one that a running server was started with.
master_of_process() { tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n 's/^TC_TOTPMASTER_SECRET=//p'; }

# worlds_with_another_master WANTED: prints the units of running worldservers that were started with another one.
# Such a worldserver encrypts what players set up in the game (.account 2fa setup) so that the authserver could not
# decrypt it.
worlds_with_another_master() {
  local unit pid
  systemctl list-units --plain --no-legend --full --all 'worldserver*.service' | while read -r unit _; do
    pid=$(systemctl show -P MainPID "$unit" 2>/dev/null) || continue
    [[ ${pid:-0} == 0 || $(master_of_process "$pid") == "$1" ]] || is_not_yet_a_server "$pid" || printf '%s\n' "$unit"
  done
}
# is_not_yet_a_server PID: it is systemd's own process still, which is about to become the server: both servers start
# side by side, and only then it has the server's environment.
is_not_yet_a_server() { [[ $(readlink "/proc/$1/exe") == */systemd/systemd* ]]; }
# former_master_runs: the authserver was started with the former master secret, as a worldserver had that still.
former_master_runs() { grep -qs '^TC_TOTPMASTER_SECRET=' "$(start_environment)"; }

# key_of_master MASTER: the core takes the number's lowest byte first.
key_of_master() {
  local at key=""
  for ((at = 30; at >= 0; at -= 2)); do key+=${1:at:2}; done
  printf '%s' "${key,,}"
}

# aes_blocks KEY BLOCK…: prints each block of 16 bytes encrypted. MariaDB has the cipher; this host's openssl would want
# the key as an argument, for all users to see.
aes_blocks() {
  local key=$1 block
  shift
  sql < <(
    without_sql_logs
    echo "/*M!110200 SET SESSION block_encryption_mode = 'aes-128-ecb' */;"
    for block; do printf "SELECT LOWER(HEX(LEFT(AES_ENCRYPT(x'%s', x'%s'), 16)));\n" "$block" "$key"; done
  )
}

# ghash KEY TEXT: the checksum of GCM (NIST SP 800-38D, 6.4): TEXT has whole blocks of 16 bytes.
ghash() {
  local text=$2 at bit yh=0 yl=0 zh zl vh vl hh hl low
  hh=$((0x${1:0:8} << 32 | 0x${1:8:8})) hl=$((0x${1:16:8} << 32 | 0x${1:24:8}))
  for ((at = 0; at < ${#text}; at += 32)); do
    yh=$((yh ^ (0x${text:at:8} << 32 | 0x${text:at+8:8}))) yl=$((yl ^ (0x${text:at+16:8} << 32 | 0x${text:at+24:8})))
    zh=0 zl=0 vh=$hh vl=$hl
    for ((bit = 127; bit >= 0; bit--)); do
      if (((bit > 63 ? yh >> (bit - 64) : yl >> bit) & 1)); then zh=$((zh ^ vh)) zl=$((zl ^ vl)); fi
      # The polynomial comes in when a bit falls out.
      low=$((vl & 1))
      vl=$(((vl >> 1 & 0x7FFFFFFFFFFFFFFF) | (vh & 1) << 63)) vh=$((vh >> 1 & 0x7FFFFFFFFFFFFFFF))
      if ((low)); then vh=$((vh ^ 0xE1 << 56)); fi
    done
    yh=$zh yl=$zl
  done
  printf '%016x%016x' "$yh" "$yl"
}

# xor A B: of as many bytes as A has; both are whole bytes in hexadecimal.
xor() {
  local at
  for ((at = 0; at < ${#1}; at += 2)); do printf '%02x' $((0x${1:at:2} ^ 0x${2:at:2})); done
}

# gcm KEY IV TEXT: prints TEXT encrypted, or decrypted, which is the same.
gcm() {
  local counter blocks=() stream
  for ((counter = 0; counter * 32 < ${#3}; counter++)); do blocks+=("$2$(printf '%08x' $((counter + 2)))"); done
  stream=$(aes_blocks "$1" "${blocks[@]}") || return 1
  xor "$3" "${stream//$'\n'/}"
}
# gcm_tag KEY IV CIPHERTEXT: prints the tag, which the core cuts to 12 bytes.
gcm_tag() {
  local hash_key first rest=$((${#3} % 32)) padding=""
  { read -r hash_key && read -r first; } < <(aes_blocks "$1" 00000000000000000000000000000000 "${2}00000001") || return 1
  ((rest == 0)) || printf -v padding '%0*d' $((32 - rest)) 0
  first=$(xor "$(ghash "$hash_key" "$3$padding$(printf '%016x%016x' 0 $((${#3} * 4)))")" "$first")
  printf '%s' "${first:0:24}"
}

# sealed MASTER IV SECRET: as it is in the table: ciphertext, IV, tag. Without a master secret (none) as it is.
sealed() {
  local key cipher tag
  if [[ $1 == none ]]; then printf '%s' "$3" && return; fi
  key=$(key_of_master "$1")
  cipher=$(gcm "$key" "$2" "$3") && tag=$(gcm_tag "$key" "$2" "$cipher") || return 1
  printf '%s%s%s' "$cipher" "$2" "$tag"
}
# holds MASTER STORED SECRET: the table's secret is this one.
holds() {
  if [[ $1 == none ]]; then [[ $2 == "$3" ]] && return; fi
  ((${#2} == ${#3} + 48)) && [[ $(sealed "$1" "${2:${#3}:24}" "$3") == "$2" ]]
}
# opens MASTER STORED: the core can decrypt the table's secret with it.
opens() {
  local size=$((${#2} - 48))
  [[ $1 != none ]] || return 0
  ((size >= 0)) && [[ $(gcm_tag "$(key_of_master "$1")" "${2:size:24}" "${2:0:size}") == "${2:size+24}" ]]
}
