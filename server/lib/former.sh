# shellcheck shell=bash
# The former realm: one that somebody else set up on this host. Its units, their settings, its game data, and the timers
# that work on it.

# What is taken over (trinitycore:host.adopt), one a line: `unit NAME SERVER`, `timer NAME`.
former_record() { printf '%s/former' "$STATE_DIR"; }

# started_by_stack: the stack has started all servers of the realm once, so nothing of a former realm is left to look
# at.
started_by_stack() {
  local steps each
  list receipts steps
  for each in "${steps[@]}"; do completed "$each" || return 1; done
}
# stack_unit_pattern: the names of the stack's units without .service, as a pattern.
stack_unit_pattern() { sed '/^$/d; s/\.service$//' <<<"${ARG[units]-}" | paste -sd '|'; }
# is_stack_unit_name UNIT: the stack gives this name to one of its servers, as name or alias.
is_stack_unit_name() { [[ $'\n'${ARG[units]-}$'\n' == *$'\n'"$1"$'\n'* ]]; }

UNIT_FOLDERS=(
  /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system
)
GAME_SERVERS='authserver|worldserver|bnetserver|realmd|mangosd|logonserver'

# unit_fields UNIT…: fills FIELD["UNIT property"] from systemd.
unit_fields() {
  local line id="" pending=()
  declare -gA FIELD=()
  (($#)) || return 0
  while IFS= read -r line; do
    if [[ -n $line ]]; then
      pending+=("$line")
      [[ $line != Id=* ]] || id=${line#Id=}
      continue
    fi
    store_unit_fields "$id" "${pending[@]}"
    pending=()
  done < <(
    systemctl show "$@" -p Id,LoadState,ActiveState,UnitFileState,FragmentPath \
      -p WorkingDirectory,ActiveEnterTimestamp,ExecStart && echo
  )
}
store_unit_fields() {
  local id=$1 line
  shift
  for line; do FIELD["$id ${line%%=*}"]+=${line#*=}$'\n'; done
}
unit_field() {
  local value=${FIELD["$1 $2"]-}
  printf '%s' "${value%$'\n'}"
}

# find_units: fills SERVER[unit] with the path of the game server that it starts, for each unit that is not the stack's,
# and FIELD.
find_units() {
  local files=() folder name line word words at program
  local -A names=()
  declare -gA SERVER=()
  for folder in "${UNIT_FOLDERS[@]}"; do files+=("$folder"/*.service); done
  while IFS= read -r name; do
    # An alias is no unit of its own.
    if is_stack_unit "$name" || [[ -L $name && $(readlink -f "$name") == */systemd/system/* ]]; then continue; fi
    names[${name##*/}]=1
  done < <(grep -lsE "/($GAME_SERVERS)([[:space:]'\"]|\$)" "${files[@]}")
  unit_fields "${!names[@]}"
  for name in "${!names[@]}"; do
    while IFS= read -r line; do
      [[ $line =~ argv\[\]=(.*)\ \;\ ignore_errors= ]] || continue
      read -ra words <<<"${BASH_REMATCH[1]}"
      case ${words[0]##*/} in
        systemctl | mysqldump | mariadb-dump | gzip | tar | cp | mv | rsync | rm | install) continue ;;
      esac
      for at in "${!words[@]}"; do
        word=${words[at]#[\'\"]} program=${word%[\'\"]}
        if [[ $program =~ ^/.*/($GAME_SERVERS)$ ]]; then SERVER[$name]=$program && break; fi
      done
    done <<<"$(unit_field "$name" ExecStart)"
  done
}

# conf_of UNIT: the conf that its server reads; the one beside its program when none is named.
conf_of() {
  local words at program=${SERVER[$1]} start
  start=$(unit_field "$1" ExecStart)
  [[ ! $start =~ argv\[\]=(.*)\ \;\ ignore_errors= ]] || read -ra words <<<"${BASH_REMATCH[1]}"
  for at in "${!words[@]}"; do
    case ${words[at]} in
      -c | --config) printf '%s' "${words[at + 1]-}" && return ;;
      --config=*) printf '%s' "${words[at]#*=}" && return ;;
    esac
  done
  printf '%s/etc/%s.conf' "${program%/bin/*}" "${program##*/}"
}

# conf_value FILE KEY: the value without quotes. Never print it for a key that holds a password.
conf_value() {
  local value
  value=$(sed -nE "s/^[[:space:]]*${2//./\\.}[[:space:]]*=[[:space:]]*(.*)$/\1/p" "$1" 2>/dev/null | tail -n 1)
  value=${value%"${value##*[![:space:]]}"}
  value=${value#\"}
  printf '%s' "${value%\"}"
}
# conf_database FILE KEY: the database's name in a connection string.
conf_database() {
  local fields
  IFS=';' read -ra fields <<<"$(conf_value "$1" "$2")"
  printf '%s' "${fields[4]-}"
}

# databases_of UNIT: `ROLE NAME` for each database that its server uses; without NAME where its conf names none.
databases_of() {
  local conf role key
  conf=$(conf_of "$1")
  while read -r role key; do
    [[ ${SERVER[$1]##*/} != authserver || $role == auth ]] || continue
    printf '%s %s\n' "$role" "$(conf_database "$conf" "$key")"
  done <<<$'auth LoginDatabaseInfo\ncharacters CharacterDatabaseInfo\nworld WorldDatabaseInfo'
}

# is_in_the_way UNIT: it cannot stay as it is beside the stack's servers.
is_in_the_way() {
  local role name key port conf
  [[ ${SERVER[$1]} != "${ARG[root]-}"/* ]] || return 0
  ! is_stack_unit_name "$1" || return 0
  while read -r role name; do [[ $name != "${ARG[$role]-}" ]] || return 0; done < <(databases_of "$1")
  [[ $(unit_field "$1" ActiveState) == active || $(unit_field "$1" UnitFileState) == enabled ]] || return 1
  case ${SERVER[$1]##*/} in
    authserver | realmd | logonserver) key=RealmServerPort port=3724 ;;
    *) key=WorldServerPort port=8085 ;;
  esac
  conf=$(conf_of "$1")
  name=$(conf_value "$conf" "$key")
  [[ ${name:-$port} == "${ARG[authserver.port]-}" || ${name:-$port} == "${ARG[realm.port]-}" ]]
}

# not_adoptable UNIT: why its server cannot be taken over, and what to do; 1 when it can.
not_adoptable() {
  local role name server=${SERVER[$1]##*/} conf id
  conf=$(conf_of "$1")
  case $server in
    authserver | worldserver) ;;
    *) printf 'it runs a %s, which is not of TrinityCore 3.3.5; stop and disable it' "$server" && return ;;
  esac
  ! grep -qsi 'azerothcore' "$conf" || {
    printf "it is AzerothCore's, whose databases TrinityCore cannot use; stop and disable it" && return
  }
  [[ -f $conf ]] || {
    printf 'its settings %s cannot be found, so it is not known which databases it uses; stop and disable it' "$conf" &&
      return
  }
  while read -r role name; do
    [[ -n $name ]] || {
      printf 'its settings %s do not name its %s database; stop and disable it' "$conf" "$role" && return
    }
    [[ $name == "${ARG[$role]-}" ]] ||
    {
      printf 'its %s database is %s; name it: pulumi config set --path %s.name %s' "$role" "$name" \
        "$(database_key "$role")" "$name" && return
    }
  done < <(databases_of "$1")
  id=$(conf_value "$conf" RealmID)
  [[ -n $id && $id != "${ARG[realm.id]-}" ]] || return 1
  printf 'its RealmID is %s; set it: pulumi config set --path %s %s' "$id" "$(realm_key id)" "$id"
}

# data_of UNIT: the folder of its game data.
data_of() {
  local conf folder work
  conf=$(conf_of "$1") work=$(unit_field "$1" WorkingDirectory)
  folder=$(conf_value "$conf" DataDir)
  folder=${folder:-.}
  [[ $folder == /* ]] || folder=${work:-${SERVER[$1]%/*}}/$folder
  readlink -m "$folder"
}
GAME_DATA=(dbc maps vmaps mmaps Cameras)
has_data() { [[ -n $(find -L "$1" -mindepth 1 -print -quit 2>/dev/null) ]]; }
# former_data: the folder of the former realm's game data, and which kinds of it are there. When `run` is a folder and
# no unit names another, they are beside its programs.
former_data() {
  local unit folder=${ARG[root]-}/run/bin kind kinds=""
  for unit in "${!SERVER[@]}"; do [[ ${SERVER[$unit]##*/} != worldserver ]] || folder=$(data_of "$unit"); done
  [[ $folder != "${ARG[root]-}/data" ]] || return 0
  for kind in "${GAME_DATA[@]}"; do ! has_data "$folder/$kind" || kinds+=" $kind"; done
  [[ -z $kinds ]] || printf '%s%s\n' "$folder" "$kinds"
}

# find_timers: fills TIMER[timer] with `works` when its service builds, stops or starts the former realm, and with
# `dumps` when it dumps its databases with a password.
# shellcheck disable=SC2034 # the kinds read TIMER
find_timers() {
  local file service text name named
  declare -gA TIMER=()
  named=$(stack_unit_pattern)
  for name in "${!SERVER[@]}"; do named+="|${name%.service}"; done
  for file in /etc/systemd/system/*.timer /usr/local/lib/systemd/system/*.timer; do
    if [[ ! -f $file ]] || is_stack_unit "${file%.timer}.service"; then continue; fi
    service=$(sed -n 's/^Unit=//p' "$file" | tail -n 1)
    service=${file%/*}/${service:-$(basename "$file" .timer).service}
    text=$(grep -E '^(Exec[A-Za-z]*|WorkingDirectory)=' "$service" 2>/dev/null) || continue
    if [[ $text == *mysqldump* || $text == *mariadb-dump* ]]; then
      [[ ! $text =~ (^|[^A-Za-z0-9_])(${ARG[auth]-}|${ARG[characters]-}|${ARG[world]-})($|[^A-Za-z0-9_]) ||
        $text != *--defaults-* ]] || TIMER[${file##*/}]=dumps
    elif [[ $text == *"${ARG[root]-}/"* || $text =~ systemctl[\'\"]?\ .*($named)([^A-Za-z0-9_-]|$) ]]; then
      TIMER[${file##*/}]=works
    fi
  done
}
timer_on() { [[ -e /etc/systemd/system/timers.target.wants/$1 || $(systemctl is-active "$1" 2>/dev/null) == active ]]; }

# former_units [SERVER]: the units that are taken over, of one server or of both.
former_units() { sed -nE "s/^unit ([^ ]+) ${1:-.*}\$/\1/p" "$(former_record)" 2>/dev/null || true; }

# former_is_live PROGRAM UNIT: the former realm's unit keeps the place until a release is live; the stack's UNIT waits
# for that.
former_is_live() { [[ ! -L ${ARG[root]-}/run && -n $(former_units "$1") ]] && ! is_stack_unit "/etc/systemd/system/$2"; }

# replace_former: a release is live, so the stack's units take the place of the former realm's, and start at boot as
# those did.
# shellcheck disable=SC2154 # `here` is the folder of these scripts
replace_former() {
  local program unit receipt
  while read -r program unit _ _ receipt; do
    if [[ -z $program || -z $(former_units "$program") ]] || is_stack_unit "/etc/systemd/system/$unit"; then continue; fi
    bash "$here/run/step.sh" again "$receipt" </dev/null || exit 1
    with_lock systemd systemctl enable --quiet "$unit" || die "$unit could not be enabled"
  done < <(tac <<<"${ARG[servers]-}")
}

# give_former_passwords UNIT…: gives the former units the databases' present passwords until the next boot, in case they
# have to run once more.
give_former_passwords() {
  local unit server environment
  for unit; do
    server=$(sed -nE "s/^unit $unit ([a-z]+)\$/\1/p" "$(former_record)" 2>/dev/null) || true
    [[ -n $server ]] || continue
    environment=$(awk -v program="$server" '$1 == program { print $4 }' <<<"${ARG[servers]-}")
    [[ -f $environment ]] || continue
    install -d -m 0755 "/run/systemd/system/$unit.d"
    printf '[Service]\nEnvironmentFile=%s\n' "$environment" |
      write_file "/run/systemd/system/$unit.d/$CONF_NAME" 0644 0:0
    reload_unit "$unit"
  done
}

# set_unit_aside UNIT: stops it and keeps its file under a name that systemd does not read.
set_unit_aside() {
  local file=/etc/systemd/system/$1 aside=/etc/systemd/system/$1$SET_ASIDE_SUFFIX
  systemctl disable --quiet --now "$1" || die "$1 could not be stopped" "systemctl status $1 says why"
  rm -rf "/run/systemd/system/$1.d/$CONF_NAME"
  [[ -f $file && ! -L $file ]] || return 0
  [[ ! -e $aside ]] || aside+=-$(date -u +%Y%m%d-%H%M%S)
  mv -T "$file" "$aside"
}
