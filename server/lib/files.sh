# shellcheck shell=bash
# Files, users and units: writes files whole or not at all, and says how they differ.

relabel() { ! command -v restorecon >/dev/null || restorecon -F "$@" 2>/dev/null || true; }

# write_file PATH MODE OWNER:GROUP <content: a reader sees the old file or the new one, never half of it.
write_file() {
  local path=$1 mode=$2 owner=$3 tmp
  # A run that was cut off may have left its temporary file, which may hold a secret.
  rm -f "${path%/*}/.${path##*/}".??????
  tmp=$(mktemp "${path%/*}/.${path##*/}.XXXXXX") || return 1
  if cat >"$tmp" && chmod "$mode" "$tmp" && chown "$owner" "$tmp" && sync "$tmp" && mv -fT "$tmp" "$path"; then
    relabel "$path"
  else
    rm -f "$tmp"
    die "could not write $path" "is the disk full? df -h $(dirname "$path")"
  fi
}

# read_modes PATH…: reads mode and owner of many files in one process, for check_mode.
declare -gA LOOKED_AT=()
read_modes() {
  local mode owner path
  while read -r mode owner path; do LOOKED_AT[$path]="$mode $owner"; done < <(stat -c '%a %U:%G %n' "$@" 2>/dev/null)
}

# check_mode PATH MODE OWNER:GROUP: says when mode or owner of a file or folder differ; 1 when it is missing.
check_mode() {
  local path=$1 mode=$2 owner=$3 seen=${LOOKED_AT[$1]-}
  [[ -e $path ]] || { say "$path is missing"; return 1; }
  [[ -n $seen ]] || seen=$(stat -c '%a %U:%G' "$path")
  [[ ${seen%% *} == "${mode#0}" ]] || say "$path has mode 0${seen%% *}, should be 0${mode#0}"
  [[ ${seen#* } == "$owner" ]] || say "$path belongs to ${seen#* }, should be $owner"
}

# has_content PATH TEXT: the file has exactly this content.
has_content() {
  local present
  read_whole present "$1" && [[ $present == "$2" ]]
}

# check_file PATH MODE OWNER:GROUP WANTED [show]: says how the file differs; with `show` also the lines, so use that
# only for files without secrets.
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

# make_own_folder PATH OWNER:GROUP: makes the folder if it is missing, and gives it to OWNER. 1 when something else
# stands there, or when the folder above is not root's: its owner could replace the new one by a link at any moment.
make_own_folder() {
  [[ -O ${1%/*} && ! -L ${1%/*} && ! -L $1 ]] || return 1
  [[ -d $1 ]] || mkdir -m 0755 "$1" || return 1
  chown -h "$2" "$1"
}

# refuse_noexec FOLDER…: refuses each noexec mount that these folders are on, or will be.
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

# know_home NAME: reads the account's home into HOME_OF.
declare -gA HOME_OF=()
know_home() {
  local home
  [[ -z ${HOME_OF[$1]-} ]] || return 0
  IFS=: read -r _ _ _ _ _ home _ < <(getent passwd "$1") || return
  HOME_OF[$1]=$home
}

# as_user NAME CMD…: runs CMD as that user, without root's environment, in a folder it can read. Variables in
# AS_USER_PRIVATE reach CMD's environment without appearing in any process's arguments.
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

# read_as_user NAME FILE: prints the file as that user. In a folder of that user's, root would follow a link to any
# file.
# shellcheck disable=SC2016 # the other shell expands it
read_as_user() { as_user "$1" sh -c '[ ! -f "$1" ] || cat -- "$1"' sh "$2" 2>/dev/null; }

# systemd sees a changed unit only after this; two at once would be twice the work.
daemon_reload() { with_lock systemd systemctl daemon-reload; }
# reload_unit UNIT: after its file was written or removed. systemd reads a unit that it has not loaded when it is first
# asked for, so the reload, which reads all units again, is not needed then. (NeedDaemonReload does not help: it
# compares file times, and the clock may have been set back.)
reload_unit() { [[ -z $(systemctl list-units --all --plain --no-legend "$1") ]] || daemon_reload; }

# read_unit UNIT PROPERTY…: fills PROPERTY[property] from systemd.
read_unit() {
  local unit=$1 line IFS=,
  declare -gA PROPERTY=()
  shift
  while IFS= read -r line; do
    # shellcheck disable=SC2034 # the caller reads it
    PROPERTY[${line%%=*}]=${line#*=}
  done < <(systemctl show "$unit" -p "$*")
}

# enabled_state UNIT: enabled, disabled, static, …, by the links on disk; what systemd has loaded may be older.
enabled_state() { systemctl is-enabled "$1" 2>/dev/null || true; }
