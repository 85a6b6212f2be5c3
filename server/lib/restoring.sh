# shellcheck shell=bash
# Dumps, and how they become databases again. A dump may be anybody's: it is loaded by an account that has rights on the
# one new database and on no other.

LOADER=trinity-restore

database_is_there() {
  [[ $(sql <<<"SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = $(sql_quote "$1")") == 1 ]]
}

# drop_database NAME: whether or not it is there. What a swap has set aside in it cannot come back then.
drop_database() {
  sql <<<"DROP DATABASE IF EXISTS $(sql_name "$1")" && forget_swaps "$1"
}

# create_like FROM NAME: a new, empty database with the character set of FROM.
create_like() {
  local charset
  charset=$(sql <<<"SELECT CONCAT('CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name)
    FROM information_schema.schemata WHERE schema_name = $(sql_quote "$1")") && [[ -n $charset ]] || return 1
  sql <<<"CREATE DATABASE $(sql_name "$2") $charset"
}

# copy_database FROM TO: TO is new, and has all that FROM has, with who defined what.
copy_database() {
  local said rcs
  ! database_is_there "$2" || die "$1 cannot be copied to $2: there is such a database already"
  said=$(mktemp -d) || die "there is no room in ${TMPDIR:-/tmp}"
  create_like "$1" "$2" 2>"$said/load" || die "the database $2 could not be made: $(last_words "$said/load")"
  dump_database "$1" 2>"$said/dump" | sql_client --binary-mode -- "$2" >/dev/null 2>"$said/load"
  rcs=("${PIPESTATUS[@]}")
  if [[ ${rcs[*]} != "0 0" ]]; then
    drop_database "$2"
    if ((rcs[1])); then said=$(last_words "$said/load"); else said=$(last_words "$said/dump"); fi
    die "$1 could not be copied to $2: $said" "is the disk full? df -h"
  fi
  rm -rf "$said"
}
last_words() { printable "$(tail -n 1 "$1")"; }

# check_manifest MANIFEST BACKUP
check_manifest() {
  local first sum
  read -r first <"$1" || first=""
  [[ $first == "$BACKUP_FORMAT" ]] || die "the backup $2 is of another format than this stack reads" \
    "its manifest begins with: $(printable "${first:0:100}")"
  sum=$(sed '$d' "$1" | sha256sum)
  [[ $(tail -n 1 "$1") == $'sum\t'"${sum%% *}" ]] || die "the manifest of the backup $2 was cut off or changed"
}

# check_file_of MANIFEST BACKUP FOLDER FILE: it is what the manifest says. Root reads nothing as root there.
check_file_of() {
  local bytes sum seen
  IFS=$'\t' read -r bytes sum _ < <(sed -n "s/^file\t$4\t//p" "$1")
  [[ $4 != */* ]] || die "the manifest of the backup $2 names a file elsewhere: $(printable "$4")"
  [[ -f $3/$4 ]] || die "the backup $2 has no $4 any more"
  seen=$(stat -c %s "$3/$4")
  [[ $seen == "$bytes" ]] || die "$4 of the backup $2 has $seen bytes, should have $bytes"
  seen=$(read_by_owner "$3" "$4" | sha256sum)
  [[ ${seen%% *} == "$sum" ]] || die "$4 of the backup $2 was changed since it was made"
}
check_files_of() {
  local file
  while IFS= read -r file; do check_file_of "$@" "$file"; done < <(sed -n 's/^file\t\([^\t]*\)\t.*/\1/p' "$1")
}

# read_by_owner FOLDER FILE: prints it as the folder's owner, who could put a link there.
read_by_owner() {
  local owner
  owner=$(stat -c %U "$1")
  if ((EUID != 0)) || [[ $owner == root ]]; then cat -- "$1/$2"; else as_user "$owner" cat -- "$1/$2"; fi
}

# room_for_tables MANIFEST DOING [FILE]: tables need about twice what their dump has.
room_for_tables() {
  local wanted free
  wanted=$(awk -F '\t' -v of="${3-}" '$1 == "file" && (of == "" || of == $2) && $5 > most { most = $5 }
    END { printf "%.0f", most * 2 / 1048576 + 50 }' "$1")
  free=$(df -Pm "$(sql <<<'SELECT @@datadir' 2>/dev/null || echo /var/lib)" | awk 'NR == 2 { print $4 }')
  ((free > wanted)) || die "MariaDB's disk has $free MB left, and $2 takes $wanted MB"
}

# without_definers <dump: only root may define a view or a routine for others.
# shellcheck disable=SC2016 # backticks are MariaDB's quotes here
without_definers() {
  sed -E 's/^(CREATE|\/\*!50013|\/\*!50003 CREATE\*\/ \/\*!500(17|20)|\/\*!50106 CREATE\*\/ \/\*!50117) DEFINER=`([^`]|``)*`(@`([^`]|``)*`)?/\1/'
}

# check_restored DATABASE MANIFEST BACKUP OF UNTRIED WORK: DATABASE is as the backup has the database OF; without the
# kinds of things in UNTRIED. WORK is a folder.
check_restored() {
  local wanted=$6/wanted seen=$6/seen untried=$5 rcs differing
  dump_database "$1" | inventory_of >"$seen"
  rcs=("${PIPESTATUS[@]}")
  [[ ${rcs[*]} == "0 0" ]] || die "what was restored of $4 cannot be read"
  sed -n "s/^object\t$4\t//p" "$2" | grep -vE "^(${untried//$'\n'/|})"$'\t' | LC_ALL=C sort >"$wanted"
  objects_of <"$wanted" >"$wanted.objects"
  objects_of <"$seen" >"$seen.objects"
  mapfile -t differing < <(what_differs "$wanted.objects" "$seen.objects")
  ((${#differing[@]} == 0)) ||
    die "$4 of the backup $3 does not come back as it was: ${differing[0]}" "${differing[@]:1:20}"
  # Another version of MariaDB may write the same definition in other words.
  [[ -n $untried || $(field_of server "$2") != "$(sql <<<'SELECT @@version')" ]] ||
    [[ $(field_of structure "$wanted") == "$(field_of structure "$seen")" ]] ||
    die "$4 of the backup $3 does not come back as it was: a table, a view or a routine is defined in another way"
}

# unpack_dump FOLDER FILE: prints a dump, whatever it is packed with; MariaDB's own statements begin in its first bytes.
unpack_dump() {
  case $2 in
    *.zst) read_by_owner "$1" "$2" | zstd -dcq ;;
    *.gz) read_by_owner "$1" "$2" | gzip -dc ;;
    *) read_by_owner "$1" "$2" ;;
  esac
}

# load_dump FILE DATABASE: DATABASE is new, and has what the dump has; it is gone again when that fails. A manifest
# beside FILE that names it is what the dump is checked against, and then the database.
load_dump() { with_lock "$LOADER" load_alone "$@"; }
# In a process of its own, which ends when something is wrong.
load_alone() { (load_and_check "$@"); }
load_and_check() {
  file=${1##*/} database=$2 charset=utf8mb4 collation=utf8mb4_unicode_ci manifest="" name=""
  folder=$(cd "$(dirname "$1")" 2>/dev/null && pwd) || folder=""
  [[ -f $folder/$file ]] || die "there is no dump $1"
  mariadb_answers || die "MariaDB does not answer on ${ARG[socket]-}"
  ! database_is_there "$database" || die "$file cannot be loaded into $database: there is such a database already"
  work=$(mktemp -d) || die "there is no room in ${TMPDIR:-/tmp}"
  trap 'drop_loader; drop_database "$database"; rm -rf "$work"' EXIT
  if [[ -f $folder/manifest ]]; then
    manifest=$work/manifest name=$(basename "$folder")
    read_by_owner "$folder" manifest >"$manifest" || die "the manifest of $folder cannot be read"
    check_manifest "$manifest" "$name"
    grep -q "^file"$'\t'"$file"$'\t' "$manifest" || die "the backup $name has no $file"
    check_file_of "$manifest" "$name" "$folder" "$file"
    room_for_tables "$manifest" "to restore $file" "$file"
    IFS=$'\t' read -r _ charset collation _ < <(sed -n "s/^database\t${file%.sql*}\t//p" "$manifest")
    [[ -n $collation && $charset$collation != *[!a-zA-Z0-9_]* ]] ||
      die "the manifest of the backup $name names no character set: $(printable "$charset $collation")"
  fi
  sql <<<"CREATE DATABASE $(sql_name "$database") CHARACTER SET $charset COLLATE $collation" 2>"$work/said" ||
    die "the database $database could not be made: $(last_words "$work/said")"
  make_loader
  pour
  [[ -z $manifest ]] || check_restored "$database" "$manifest" "$name" "${file%.sql*}" "" "$work"
  drop_loader
  trap 'rm -rf "$work"' EXIT
}

# make_loader: its password is in this process alone. The last part is for hosts that want one of each kind.
make_loader() {
  local escaped=${database//\\/\\\\}
  loader_password=$(od -An -vtx1 -N24 /dev/urandom | tr -d ' \n')-Aa1
  drop_loader
  {
    without_sql_logs
    printf 'SET SESSION sql_log_bin = 0;\n'
    printf 'CREATE USER %s IDENTIFIED BY %s;\n' "'$LOADER'@'localhost'" "'$loader_password'"
    printf 'GRANT ALL ON %s.* TO %s;\n' "$(sql_name "${escaped//_/\\_}")" "'$LOADER'@'localhost'"
  } | sql 2>"$work/said" || die "MariaDB refused an account for what is loaded: $(last_words "$work/said")"
}
drop_loader() { sql <<<"SET SESSION sql_log_bin = 0; DROP USER IF EXISTS '$LOADER'@'localhost'" 2>/dev/null || true; }

# pour: the dump into the database. In binary mode the client runs none of its own commands, of which some would run
# programs; nor does it hand over files of this host.
# shellcheck disable=SC2154 # `here` is the folder of these scripts, set by whoever runs them
pour() {
  local rcs databases
  unpack_dump "$folder" "$file" 2>"$work/unpack" |
    LC_ALL=C awk -v said="$work/statements" -f "$here/lib/dump-statements.awk" | without_definers |
    loader_client "$database" >/dev/null 2>"$work/said"
  rcs=("${PIPESTATUS[@]}")
  touch "$work/statements"
  mapfile -t databases < <(sed -n 's/^database //p' "$work/statements")
  ((${#databases[@]} < 2)) || die "$file has several databases (${databases[*]:0:5}), and each wants a dump of its own" \
    "mariadb-dump --single-transaction --routines --events --triggers NAME >NAME.sql"
  # The dump's end of what MariaDB refused is not read, and that is no fault of its own.
  ((rcs[0] == 0 || rcs[0] == 141)) || grep -q 'roken pipe' "$work/unpack" ||
    die "$file cannot be read to its end: $(last_words "$work/unpack")"
  ((rcs[3] == 0)) || refused_by_mariadb
  [[ ${rcs[*]} == "0 0 0 0" ]] || die "$file could not be read to its end"
  grep -qx whole "$work/statements" || die "$file has no end: its last line is not \"-- Dump completed\"" \
    "it was cut off, or made with --skip-comments"
}

refused_by_mariadb() {
  local said
  said=$(last_words "$work/said")
  case $said in
    *'ERROR 1419 '*)
      die "$file has triggers or functions, which MariaDB takes from root alone where it writes a binary log" \
        "for as long as it takes: mariadb -e 'SET GLOBAL log_bin_trust_function_creators = 1'"
      ;;
    *'ERROR 1044 '* | *'ERROR 1142 '* | *'ERROR 1227 '* | *'ERROR 1370 '*)
      die "$file wants more than the one database that it is for: ${said//"'$LOADER'@'localhost'"/the account for that}"
      ;;
    *'ERROR 1114 '* | *'ERROR 1021 '* | *' 28 '*) die "$file cannot be restored: the disk is full: $said" \
      "df -h $(sql <<<'SELECT @@datadir' 2>/dev/null)" ;;
    *) die "$file cannot be restored: $said" ;;
  esac
}

# loader_client DATABASE <statements
loader_client() {
  "$(mariadb_client)" --defaults-file=<(printf '[client]\nuser=%s\npassword="%s"\n' "$LOADER" "$loader_password") \
    --protocol=socket --socket="${ARG[socket]-}" --default-character-set=utf8mb4 --connect-timeout=5 --binary-mode \
    --local-infile=0 --max-allowed-packet=1G -N -B \
    --init-command="SET SESSION autocommit = 1, lock_wait_timeout = 30, sql_safe_updates = 0, max_statement_time = 0" -- "$1"
}
