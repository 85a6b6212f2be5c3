# shellcheck shell=bash
# The service user's account, and the realm's folders; and the user of the backups, and their folder.
# observed: group, home, shell, comment, system account, no password; owner and mode of each folder of the realm. What
#   is stricter than wanted is fine: a shell that lets nobody in, modes that leave the account what it needs
# not observed: further groups and SSH keys of the account, sudo rules: they may be the operator's; owner and mode of
#   what is in the folders, except `src` and `releases`

# know_account: fills ACCOUNT with uid, gid, comment, home and shell from passwd; all are empty when there is no
# account.
know_account() {
  local uid="" gid="" comment="" home="" shell=""
  IFS=: read -r _ _ uid gid comment home shell < <(getent passwd "${ARG[name]-}") || true
  declare -gA ACCOUNT=([uid]=$uid [gid]=$gid [comment]=$comment [home]=$home [shell]=$shell)
}
no_password() {
  local hash=""
  IFS=: read -r _ hash _ < <(getent shadow "$1") || true
  [[ $hash == '!'* || $hash == '*'* ]]
}
# is_no_login_shell SHELL: hardening tools give such a shell to each system account, every night. It may stay, as
# nothing here starts through the account's own shell.
is_no_login_shell() { [[ $1 == */nologin || $1 == */false ]]; }
# mode_leaves_enough MODE WANTED: MODE allows nothing that WANTED does not allow, and the owner everything.
mode_leaves_enough() { (((8#$1 & ~8#$2) == 0 && (8#$1 & 8#700) == 8#700)); }
# This uses no program, as it may be missing: then a wrong answer would look like drift.
first_ordinary_uid() {
  local key value first=1000
  while read -r key value _; do [[ $key != UID_MIN ]] || first=$value; done </etc/login.defs
  printf '%s' "$first"
}

observe() {
  local name=${ARG[name]-} group=${ARG[group]-} gid="" seen folders mode owner path
  know_account
  IFS=: read -r _ _ gid _ < <(getent group "$group") || say "the group $group is missing"
  if [[ -z ${ACCOUNT[uid]} ]]; then
    say "the user $name is missing"
  else
    ((ACCOUNT[uid] < $(first_ordinary_uid))) ||
      say "the user $name is somebody's account (uid ${ACCOUNT[uid]}), should be a system account"
    [[ ${ACCOUNT[gid]} == "$gid" ]] ||
      say "the user $name is in the group $(id -gn "$name" 2>/dev/null), should be in $group"
    seen=${ACCOUNT[home]}
    [[ $seen == "${ARG[home]-}" ]] || say "the home of $name is $seen, should be ${ARG[home]-}"
    seen=${ACCOUNT[shell]}
    [[ $seen == "${ARG[shell]-}" ]] || is_no_login_shell "$seen" ||
      say "the shell of $name is $seen, should be ${ARG[shell]-}"
    seen=${ACCOUNT[comment]}
    [[ $seen == "${ARG[comment]-}" ]] || say "the comment of $name is \"$seen\", should be \"${ARG[comment]-}\""
    no_password "$name" || say "$name can log in by password, should have none"
  fi
  list folders folders
  read_modes "${folders[@]#* * }"
  while read -r mode owner path; do check_folder "$mode" "$owner" "$path"; done <<<"${ARG[folders]-}"
}

# check_folder MODE OWNER:GROUP PATH
check_folder() {
  local mode=$1 path=$3 seen more=""
  if [[ -L $path || (-e $path && ! -d $path) ]]; then
    [[ $path != */data || ! -L $path ]] ||
      more="; game data elsewhere is mounted there, not linked: rm $path && mkdir $path && mount --bind $(readlink -f "$path") $path, and a line in /etc/fstab"
    say "$path is no folder of its own$more"
  else
    # Folders of root's must have their exact mode, or the account could not get in.
    seen=${LOOKED_AT[$path]-} seen=${seen%% *}
    if [[ -n $seen && $2 != root:* ]] && mode_leaves_enough "$seen" "$mode"; then mode=0$seen; fi
    check_mode "$path" "$mode" "$2" || true
  fi
}

apply() {
  local name group home shell uid mode owner path
  know_account
  name=${ARG[name]-} group=${ARG[group]-} home=${ARG[home]-} shell=${ARG[shell]-} uid=${ACCOUNT[uid]}
  if [[ -n $uid ]] && ((uid >= $(first_ordinary_uid))); then
    die "$name is somebody's account (uid $uid) on this host" \
      "${ARG[otherwise]-choose another one: pulumi config set --path trinitycore:host.user.name …}"
  fi
  getent group "$group" >/dev/null || groupadd -r "$group" || die "groupadd could not make the group $group"
  if [[ -z $uid ]]; then
    useradd -c "${ARG[comment]-}" -d "$home" -g "$group" -s "$shell" -m -r "$name" 2>&1 ||
      die "useradd could not make the user $name"
    adopt_home "$name" "$group" "$home"
  else
    change_user "$name" "$group" "$home" "$shell"
  fi
  while read -r mode owner path; do put_folder "$mode" "$owner" "$path"; done <<<"${ARG[folders]-}"
}

# adopt_home NAME GROUP HOME: when the system was rebuilt, the home may outlive the account. Its files then have a uid
# that nobody has, and become the account's again.
adopt_home() {
  local old
  old=$(find "$3" -xdev -nouser -printf %U -quit 2>/dev/null)
  [[ -n $old ]] || return 0
  note "giving what uid $old left in $3 to $1"
  find "$3" -xdev -uid "$old" -execdir chown -h "$1:$2" {} +
}

change_user() {
  local name=$1 wanted=() said
  [[ $(id -gn "$name" 2>/dev/null) == "$2" ]] || wanted+=(-g "$2")
  if [[ ${ACCOUNT[home]} != "$3" ]]; then
    # When `Projects` is in the wanted home, only the account's line is wrong. Else the home itself changes, and running
    # processes would have to move too: usermod refuses that.
    if [[ -d $3/Projects ]]; then set_home "$name" "$3"; else wanted+=(-d "$3"); fi
  fi
  [[ ${ACCOUNT[shell]} == "$4" ]] || is_no_login_shell "${ACCOUNT[shell]}" || wanted+=(-s "$4")
  [[ ${ACCOUNT[comment]} == "${ARG[comment]-}" ]] || wanted+=(-c "${ARG[comment]-}")
  no_password "$name" || passwd -q -l "$name" >/dev/null || die "passwd could not lock $name"
  ((${#wanted[@]})) || return 0
  said=$(usermod "${wanted[@]}" "$name" 2>&1) || {
    local running
    running=$(ps -o pid=,args= -U "$name" | head -n 5)
    [[ -z $running ]] || die "usermod cannot change $name while processes of it run: $said" \
      "${running//$'\n'/$'\n  '}" \
        "stop them (systemctl stop $(own_server_units | paste -sd " ")), then run \`pulumi up\` again"
    die "usermod could not change $name: $said"
  }
}

# set_home NAME HOME: changes only the account's line. usermod refuses that while the account has processes, though they
# keep the home that they began with. Where usermod sees no processes, it does not refuse.
set_home() {
  local said
  said=$(unshare --pid --fork --mount-proc usermod -d "$2" "$1" 2>&1) ||
    die "usermod could not change the home of $1: $said"
}

# put_folder MODE OWNER:GROUP PATH: by now the folders above PATH are root's, so nobody can swap PATH for a link
# meanwhile.
put_folder() {
  local mode=$1 path=$3
  [[ ! -L $path && (! -e $path || -d $path) ]] ||
    die "$path is no folder of its own" "move it away; data on another disk is mounted there (mount --bind), not linked"
  [[ -d $path ]] || mkdir -m 0 "$path"
  chown -h "$2" "$path"
  if [[ $2 == root:* ]] || ! mode_leaves_enough "$(stat -c %a "$path")" "$mode"; then chmod "$mode" "$path"; fi
}

manifest() {
  local mode owner path
  # Only the folders for passwords: the others are in the home, or hold what outlives the stack.
  printf 'group %s\nuser %s\n' "${ARG[group]-}" "${ARG[name]-}"
  while read -r mode owner path; do
    [[ "$mode $owner" != "0700 root:root" ]] || printf 'folder %s\n' "$path"
  done <<<"${ARG[folders]-}"
}

# Steps that never came to their end may have left files in the folders, or files that the account owns.
settle() { undo_left unfinished; }

# The home is never deleted, and the account stays as long as the home holds data.
drop() {
  local name=${1#* } home seen
  case $1 in
    'folder '*) [[ ! -d $name ]] || rmdir --ignore-fail-on-non-empty "$name" ;;
    'user '*)
      know_home "$name" || true
      home=${HOME_OF[$name]-}
      # An account that this step refused to use is not the stack's.
      [[ -n $home && $(getent passwd "$name" | cut -d: -f5) == "${ARG[comment]-}" ]] || return 0
      if [[ -n $(data_in "$home") ]]; then
        note "the user $name stays: $home holds data"
      elif ! userdel "$name" 2>&1; then
        note "the user $name stays: userdel refused"
      fi
      ;;
    'group '*)
      # A group with members, or one of the distribution's own, belongs to somebody else too.
      seen=$(getent group "$name") || return 0
      [[ $seen == *: ]] && (($(cut -d: -f3 <<<"$seen") >= 100)) || return 0
      groupdel "$name" 2>/dev/null || note "the group $name stays: it is in use"
      ;;
  esac
}

# data_in HOME: prints the first file in HOME, on whatever disk, as game data may be mounted there. Hidden files do not
# count: shells and caches leave them.
data_in() { [[ ! -d $1 ]] || find "$1" -mindepth 1 -path "$1/.*" -prune -o ! -type d -print -quit; }

keeps() {
  local home
  home=${ARG[home]-}
  [[ -z $(data_in "$home") ]] ||
    note "kept: $home with ${ARG[holds]-game data and logs} ($(du -sh "$home" 2>/dev/null | cut -f 1)), and the user ${ARG[name]-}, whose they are"
}
