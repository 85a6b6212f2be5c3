# shellcheck shell=bash
# Files and users: written whole or not at all, and told apart in words.

relabel() { ! command -v restorecon >/dev/null || restorecon -F "$@" 2>/dev/null || true; }

# write_file PATH MODE OWNER:GROUP <content. Another reader sees the old file or the new one, never half of it.
write_file() {
  local path=$1 mode=$2 owner=$3 tmp
  # What a run that was cut off left of it; it may hold a secret.
  rm -f "${path%/*}/.${path##*/}".??????
  tmp=$(mktemp "${path%/*}/.${path##*/}.XXXXXX") || return 1
  if cat >"$tmp" && chmod "$mode" "$tmp" && chown "$owner" "$tmp" && sync "$tmp" && mv -fT "$tmp" "$path"; then
    relabel "$path"
  else
    rm -f "$tmp"
    die "could not write $path" "is the disk full? df -h $(dirname "$path")"
  fi
}

# read_modes PATH…: mode and owner of many in one go, for check_mode.
declare -gA LOOKED_AT=()
read_modes() {
  local mode owner path
  while read -r mode owner path; do LOOKED_AT[$path]="$mode $owner"; done < <(stat -c '%a %U:%G %n' "$@" 2>/dev/null)
}

# check_mode PATH MODE OWNER:GROUP: says a wrong mode or owner of a file or folder; 1 when it is missing.
check_mode() {
  local path=$1 mode=$2 owner=$3 seen=${LOOKED_AT[$1]-}
  [[ -e $path ]] || { say "$path is missing"; return 1; }
  [[ -n $seen ]] || seen=$(stat -c '%a %U:%G' "$path")
  [[ ${seen%% *} == "${mode#0}" ]] || say "$path has mode 0${seen%% *}, should be 0${mode#0}"
  [[ ${seen#* } == "$owner" ]] || say "$path belongs to ${seen#* }, should be $owner"
}

# has_content PATH TEXT: the file has this content, to the last byte.
has_content() {
  local present
  read_whole present "$1" && [[ $present == "$2" ]]
}

# check_file PATH MODE OWNER:GROUP WANTED [show]: says how the file deviates; with `show` also the lines, so only for
# files without secrets.
check_file() {
  local path=$1 mode=$2 owner=$3 wanted=$4 show=${5-} line shown=0
  check_mode "$path" "$mode" "$owner" || return 0
  ! has_content "$path" "$wanted" || return 0
  if [[ $show != show ]]; then
    say "$path has other content than it should"
    return
  fi
  while IFS= read -r line && ((shown++ < 8)); do
    case $line in
      '<'*) say "$path lacks: ${line:2}" ;;
      '>'*) say "$path has, and should not: ${line:2}" ;;
    esac
  done < <({ diff <(printf '%s' "$wanted") "$path" || true; } | grep '^[<>]' || echo '< the newline at its end')
}

# make_own_folder PATH OWNER:GROUP: a folder of that owner's, made where it is missing. 1 where something else stands
# there, and in a folder that is not root's: there it could be exchanged for a link at any moment.
make_own_folder() {
  [[ -O ${1%/*} && ! -L ${1%/*} && ! -L $1 ]] || return 1
  [[ -d $1 ]] || mkdir -m 0755 "$1" || return 1
  chown -h "$2" "$1"
}

# refuse_noexec FOLDER…: refuses each mount that keeps what lies in these folders, or will lie there, from being run.
refuse_noexec() {
  local folder dir options target
  for folder; do
    dir=$folder
    until [[ -e $dir ]]; do dir=${dir%/*} && dir=${dir:-/}; done
    read -r options target < <(findmnt -n -o OPTIONS,TARGET -T "$dir") || continue
    [[ ",$options," != *,noexec,* ]] || printf '%s\t%s\n' "$target" "$folder"
  done | sort -u -t $'\t' -k 1,1 | while IFS=$'\t' read -r target folder; do
    refuse "$target is mounted noexec, so that nothing in $folder can be run; on the host: mount -o remount,exec $target, and take noexec out of its line in /etc/fstab"
  done
}

# know_home NAME: the account's home, remembered in HOME_OF.
declare -gA HOME_OF=()
know_home() {
  local home
  [[ -z ${HOME_OF[$1]-} ]] || return 0
  IFS=: read -r _ _ _ _ _ home _ < <(getent passwd "$1") || return
  HOME_OF[$1]=$home
}

# as_user NAME CMD…: as that user, with nothing of root's environment and in a folder it can read.
# What is in AS_USER_PRIVATE reaches the environment of CMD without being seen among anybody's arguments.
as_user() {
  local name=$1 private=()
  shift
  know_home "$name"
  # shellcheck disable=SC2016 # the other shell expands it
  ((${#AS_USER_PRIVATE[@]} == 0)) ||
    private=(sh -c 'while IFS= read -r pair; do export "$pair"; done <&9; exec "$@" 9<&-' sh)
  (
    cd "${AS_USER_CWD:-/}" &&
      { ((${#private[@]} == 0)) || exec 9<<<"$(printf '%s\n' "${AS_USER_PRIVATE[@]}")"; } &&
      exec runuser -u "$name" -- env -i HOME="${HOME_OF[$name]-}" USER="$name" LOGNAME="$name" LC_ALL=C.UTF-8 \
        PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin \
        "${AS_USER_ENV[@]}" "${private[@]}" "$@"
  )
}
AS_USER_ENV=() AS_USER_PRIVATE=()

# read_as_user NAME FILE: as that user may read it. In a folder of that user's root would read whatever the file is a
# link to.
# shellcheck disable=SC2016 # the other shell expands it
read_as_user() { as_user "$1" sh -c '[ ! -f "$1" ] || cat -- "$1"' sh "$2" 2>/dev/null; }

# systemd sees a changed unit only after this; two at once would be twice the work.
daemon_reload() { with_lock systemd systemctl daemon-reload; }
# reload_unit UNIT: after its file was written or removed. One that systemd does not hold it reads when asked for it: a
# reload, which reads all others again too, is spared then. (NeedDaemonReload would not do: it goes by the file's time,
# and the clock may have been set back.)
reload_unit() { [[ -z $(systemctl list-units --all --plain --no-legend "$1") ]] || daemon_reload; }

# read_unit UNIT PROPERTY…: fills PROPERTY[property] with what systemd says of it.
read_unit() {
  local unit=$1 line IFS=,
  declare -gA PROPERTY=()
  shift
  while IFS= read -r line; do
    # shellcheck disable=SC2034 # the caller reads it
    PROPERTY[${line%%=*}]=${line#*=}
  done < <(systemctl show "$unit" -p "$*")
}

# enabled_state UNIT: enabled, disabled, static, … by the links there are now; what systemd has loaded may be older.
enabled_state() { systemctl is-enabled "$1" 2>/dev/null || true; }
