# shellcheck shell=bash
# What was on the host before this stack, and what else uses the host. The step looks before anything is changed, and
# changes nothing itself.
# observed: what this host resolves the realm's address to, as players are told that; who holds the ports of both
#   servers (program, process, unit or container, user, since when); until both servers have been started once also:
#   units of game servers, a `run` that is a folder, their accounts, characters, game data, timers, cron lines, backups
#   and ports; what is where the realm's folders and units go; who has the service user's account and home
# not observed: what a firewall in front of the host (a cloud's, a router's) lets through: nobody can see that from the
#   host; game servers that neither run now nor are started by systemd or cron

observe() {
  check_address
  declare -gA SERVER=() TIMER=()
  if started_by_stack; then
    check_ports
    return
  fi
  find_units
  check_units
  check_ports
  check_run_folder
  check_unit_names
  check_cron
  check_account
  check_folders
}

print_sorted() { (($# == 0)) || printf '%s\n' "$@" | sort; }
is_adopting() { [[ ${ARG[adopt]-} == true ]]; }
# tell_found WHAT BECOMES: reports a thing of the former realm. With host.adopt it foretells what becomes of the thing;
# without, it refuses.
tell_found() { if is_adopting; then foretell "$1: $2"; else refuse "$1"; fi; }

port_key() { if [[ $1 == "${ARG[authserver.port]-}" ]]; then echo trinitycore:login.port; else realm_key port; fi; }
# is_served_by_stack PORT: the stack has started a server on PORT.
is_served_by_stack() {
  local step steps
  list receipts steps
  for step in "${steps[@]}"; do
    ! completed "$step" || ! grep -Fxzqs "port=$1" "$RECEIPTS/$step/args" || return 0
  done
  return 1
}

check_ports() {
  local port pid name unit sentence to ports=("${ARG[authserver.port]-}" "${ARG[realm.port]-}")
  local -A seen=() told=()
  while read -r port pid name; do
    # Processes can share one socket: one message is enough for all.
    [[ -z ${told[$port]-} ]] || continue
    seen[$port]=1 sentence="$port/tcp is held by somebody the kernel does not name"
    if [[ -n $pid ]]; then
      unit=$(unit_of "$pid")
      if is_own_process "$pid" || [[ -n $unit && -n ${SERVER[$unit]-} ]]; then continue; fi
      sentence="$port/tcp is held by $(describe_process "$pid" "$name" "$port")"
    fi
    told[$port]=1
    port_taken "$port" "$sentence"
  done < <(listeners "${ports[@]}")
  ! started_by_stack || return 0
  for port in "${ports[@]}"; do
    [[ -z ${seen[$port]-} ]] || continue
    to=$(forwarded_to "$port")
    [[ -z $to ]] ||
      port_taken "$port" \
        "$port/tcp is passed on to $to by a rule of the packet filter (a container's, by the look of it)"
  done
}
port_taken() {
  local key
  key=$(port_key "$1")
  if is_served_by_stack "$1"; then say "$2"; else refuse "$2; stop it, or choose another port: pulumi config set --path $key …"; fi
}

# check_units: keeps in SERVER only the units of others that are in this realm's way, and hints at the rest.
check_units() {
  local unit
  for unit in "${!SERVER[@]}"; do
    if is_in_the_way "$unit"; then continue; fi
    hint "$unit starts ${SERVER[$unit]}, another realm's: it is left alone"
    unset "SERVER[$unit]"
  done
}

check_run_folder() {
  local root=${ARG[root]-} unit units=() run="" why
  mapfile -t units < <(print_sorted "${!SERVER[@]}")
  [[ ! -d $root/run || -L $root/run || -z $(find "$root/run" -mindepth 1 -print -quit) ]] || run=yes
  find_timers
  if ((${#units[@]} == 0)) && [[ -z $run ]]; then
    check_lone_timers
    return
  fi
  is_adopting ||
    refuse "a realm that somebody else set up is on this host, and a first \`pulumi up\` would put an end to it; to have it taken over: pulumi config set --path trinitycore:host.adopt true (the preview then says what becomes of each of these)"
  for unit in "${units[@]}"; do
    if why=$(not_adoptable "$unit"); then
      refuse "$unit ($(state_of "$unit")) starts ${SERVER[$unit]}; $why"
    else
      tell_found "$unit ($(state_of "$unit")) starts ${SERVER[$unit]}" \
        "it runs on until the new server is built, is stopped for the update of the databases, and its file is kept as $unit$SET_ASIDE_SUFFIX"
    fi
  done
  [[ -z $run ]] ||
    tell_found "$root/run is a folder" "it is kept as $root/run.before-…, and run is a link to the new build from then on"
  tell_people
  check_game_data
  check_timers
  tell_backups
  tell_opened_ports
  tell_former_settings
}

state_of() {
  local since
  if [[ $(unit_field "$1" ActiveState) == active ]]; then
    since=$(unit_field "$1" ActiveEnterTimestamp)
    printf 'running since %s' "$(date -d "$since" '+%F %H:%M' 2>/dev/null)"
  else
    printf '%s, %s' "$(unit_field "$1" ActiveState)" "$(unit_field "$1" UnitFileState)"
  fi
}

tell_people() {
  local accounts characters
  accounts=$(count_of "${ARG[auth]-}" account) characters=$(count_of "${ARG[characters]-}" characters)
  [[ -n $accounts$characters ]] || return 0
  tell_found "its databases ${ARG[auth]-}, ${ARG[characters]-} and ${ARG[world]-} hold ${accounts:-no table of} accounts and ${characters:-no table of} characters" \
    "they are taken as they are and brought up to date, which cannot be undone: dump them first; their users get this stack's passwords once the new server is built, unless trinitycore:login.database.password and the like are set to the old ones"
}
count_of() { sql_lenient <<<"SELECT COUNT(*) FROM $(sql_name "$1").$(sql_name "$2")"; }

check_game_data() {
  local folder kinds
  read -r folder kinds < <(former_data) || return 0
  tell_found "its game data is in $folder ($kinds)" \
    "${ARG[root]-}/data gets the same files (hard links, or a copy where that is another disk), and those stay"
}

# timers KIND [on]: prints the timers that work on the realm (KIND is `works`) or dump its databases (`dumps`), and
# whether each is on. With `on` it prints only those that are on.
timers() {
  local timer state
  while IFS= read -r timer; do
    [[ -n $timer && ${TIMER[$timer]} == "$1" ]] || continue
    if timer_on "$timer"; then state=on; else state=off; fi
    [[ ${2-$state} != "$state" ]] || printf '%s (%s), ' "$timer" "$state"
  done < <(print_sorted "${!TIMER[@]}")
}
check_timers() {
  local work dumps timer
  work=$(timers works) dumps=$(timers dumps)
  [[ -z $work ]] ||
    tell_found "timers that build, stop or start its servers: ${work%, }" "they are switched off, and their files stay"
  [[ -z $dumps ]] ||
    tell_found "timers that dump its databases: ${dumps%, }" \
      "they are switched off, as the old passwords will not do, and their files stay; until you have another backup: mariadb-dump as root needs no password"
  for timer in "${!TIMER[@]}"; do
    [[ $(systemctl is-active "${timer%.timer}.service" 2>/dev/null) != activating ]] ||
      refuse "${timer%.timer}.service is at work; wait until it has ended: systemctl status ${timer%.timer}"
  done
}
check_lone_timers() {
  local work dumps
  work=$(timers works on) dumps=$(timers dumps on)
  [[ -z $work ]] ||
    tell_found "timers that build, stop or start servers, beside this stack's own: ${work%, }; switch them off (systemctl disable --now), or have it done: pulumi config set --path trinitycore:host.adopt true" \
    "they are switched off, and their files stay"
  [[ -z $dumps ]] ||
    foretell "timers that dump databases: ${dumps%, }; they fail from now on, unless trinitycore:login.database.password and the like are set to the passwords they use"
}

# The wiki page puts backups into a folder `backups`, and those that are made by hand into the home itself.
tell_backups() {
  local files=()
  mapfile -t files < <(
    find /root/backups /home/*/backups /root /home/* -maxdepth 1 -type f -name '*-database-*.sql*' -printf '%T@ %p\n' \
      2>/dev/null | sort -rn | cut -d ' ' -f 2- | awk '!seen[$0]++'
  )
  ((${#files[@]} == 0)) ||
    tell_found "${#files[@]} backup$( ((${#files[@]} == 1)) || echo s) of its databases, the newest ${files[0]}" "untouched"
}

# The wiki page opens the remote console and SOAP to everybody.
tell_opened_ports() {
  local port open=()
  for port in 3443 7878; do
    ! grep -qsE "port=\"$port\"|--dport $port " /etc/firewalld/zones/*.xml /etc/ufw/user.rules || open+=("$port/tcp")
  done
  ((${#open[@]} == 0)) ||
    tell_found "the firewall lets everybody in to ${open[*]} (remote console, SOAP)" \
      "it stays so; shut them unless something needs them: firewall-cmd --permanent --remove-port=${open[0]}, or ufw delete allow ${open[0]}"
}

# tell_former_settings: names what the former servers had set beyond the defaults. It prints no values, as one may be
# secret.
tell_former_settings() {
  local unit server conf key names
  is_adopting || return 0
  local -A told=()
  while IFS= read -r unit; do
    [[ -n $unit ]] || continue
    conf=$(conf_of "$unit") server=${SERVER[$unit]##*/}
    [[ -f $conf && -f $conf.dist && -z ${told[$conf]-} ]] || continue
    told[$conf]=1 names=()
    while IFS= read -r key; do
      [[ $'\n'${ARG[set]-}$'\n' == *$'\n'"$server $key"$'\n'* || $key =~ ^($OWN_KEYS)$ ]] || names+=("$key")
    done < <(comm -23 <(conf_lines "$conf") <(conf_lines "$conf.dist") | sed 's/=.*//')
    ((${#names[@]} == 0)) ||
      tell_found "$conf sets ${names[*]}" "not taken over; set what you want in $(settings_key "$server")"
  done < <(print_sorted "${!SERVER[@]}")
}
# Settings that the stack makes itself, or has config keys of its own for.
OWN_KEYS='.*DatabaseInfo|DataDir|LogsDir|SourceDirectory|BuildDirectory|MySQLExecutable|Updates\..*|Console\.Enable|RealmID|WorldServerPort|RealmServerPort|(Ra|SOAP)\..*'
conf_lines() {
  sed -nE 's/^[[:space:]]*([A-Za-z][A-Za-z0-9._]*)[[:space:]]*=[[:space:]]*/\1=/p' "$1" | sed 's/[[:space:]]*$//' | sort
}

# check_unit_names: refuses a unit of something else that has the name of one of this stack's units.
check_unit_names() {
  local name folder file units
  list units units
  # shellcheck disable=SC2154 # list makes it
  for name in "${units[@]}"; do
    for folder in "${UNIT_FOLDERS[@]}"; do
      file=$folder/$name
      if [[ ! -f $file || -n ${SERVER[$name]-} ]] || is_stack_unit "$file"; then continue; fi
      refuse "$file is a unit of something else, and this stack needs its name; rename it or take it away"
      break
    done
  done
}

# check_cron: refuses a cron line that starts or updates a game server, unless it is another realm's. Only the line's
# owner should take it out.
check_cron() {
  local file number line
  while IFS=: read -r file number line; do
    if [[ $line =~ (dump|rsync|restic|borg|tar)[[:space:]] ]]; then continue; fi
    if [[ $line =~ (/[^[:space:]\'\"]*)/($GAME_SERVERS)([^A-Za-z0-9_-]|$) &&
      ${BASH_REMATCH[1]} != "${ARG[root]-}"/* ]]; then
      hint "line $number of $file looks after another realm's server in ${BASH_REMATCH[1]}: it is left alone"
    else
      refuse \
        "line $number of $file starts or updates a game server, beside this stack; take it out, or make it a comment"
    fi
  done < <(grep -nsE "^[^#]*((^|[^A-Za-z0-9_.-])($GAME_SERVERS|$(stack_unit_pattern))([^A-Za-z0-9_.-]|\$)|(git|make|cmake|ninja) .*${ARG[root]-}|${ARG[root]-}.*[^a-z](git|make|cmake|ninja) )" \
    /etc/crontab /etc/anacrontab /dev/null /etc/cron.d/* /var/spool/cron/crontabs/* /var/spool/cron/* 2>/dev/null)
}

check_account() {
  local name=${ARG[user]-} uid="" owner home=${ARG[home]-} first
  IFS=: read -r _ _ uid _ < <(getent passwd "$name") || true
  first=$(sed -nE 's/^UID_MIN[[:space:]]+([0-9]+).*/\1/p' /etc/login.defs 2>/dev/null | tail -n 1)
  if [[ -n $uid ]] && ((uid >= ${first:-1000})); then
    refuse "$name is somebody's account (uid $uid) on this host; choose another one: pulumi config set --path trinitycore:host.user.name …"
  fi
  owner=$(stat -c %U "${home%/*}" 2>/dev/null) || owner=root
  [[ $owner == root ]] ||
    refuse "${home%/*} is $owner's, who could put another folder in the place of $home; choose one in a folder of root's: pulumi config set --path trinitycore:host.user.home …"
  owner=$(stat -c %u "$home" 2>/dev/null) || return 0
  if [[ $owner == 0 || $owner == "$uid" ]]; then return 0; fi
  if [[ -z $uid && -z $(getent passwd "$owner") ]]; then
    foretell "$home belongs to uid $owner, whom nobody is: what it left there will be $name's"
  else
    refuse "$home belongs to $(getent passwd "$owner" | cut -d: -f1 | grep . || echo "uid $owner"), not to $name; if it is the realm's: chown -R $name $home; else choose another: pulumi config set --path trinitycore:host.user.home …"
  fi
}

check_folders() {
  local root=${ARG[root]-} path
  for path in "${ARG[home]-}" "${root%/*}" "$root" "$root/data" "$root/logs" "$root/releases" "$root/etc"; do
    [[ ! -L $path && (! -e $path || -d $path) ]] ||
      refuse "$path is no folder of its own; move it away; data on another disk is mounted there (mount --bind), not linked"
  done
  if [[ -e $root/src && ! -f $(source_record) ]]; then
    if [[ -d $root/src/.git ]]; then
      foretell "$root/src is a checkout of somebody else's ($(stat -c %U "$root/src")): it is taken as it is, and files that were changed in it are kept in a patch beside it"
    else
      foretell "$root/src is no git checkout: it is moved aside"
    fi
  fi
  [[ ! -d $root/build || -f $root/build/.toolchain ]] ||
    foretell "$root/build is a build tree of somebody else's: it is moved aside, as $root/build.before-…"
}
