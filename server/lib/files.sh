# shellcheck shell=bash
# Files and users: written whole or not at all, and told apart in words.

relabel() { ! command -v restorecon >/dev/null || restorecon -F "$@" 2>/dev/null || true; }

# write_file PATH MODE OWNER:GROUP <content. Another reader sees the old file or the new one, never half of it.
write_file() {
  local path=$1 mode=$2 owner=$3 tmp
  tmp=$(mktemp "$(dirname "$path")/.${path##*/}.XXXXXX") || return 1
  if cat >"$tmp" && chmod "$mode" "$tmp" && chown "$owner" "$tmp" && sync "$tmp" && mv -fT "$tmp" "$path"; then
    relabel "$path"
  else
    rm -f "$tmp"
    die "could not write $path" "is the disk full? df -h $(dirname "$path")"
  fi
}

# access_says PATH MODE OWNER:GROUP: says a wrong mode or owner of a file or folder; 1 when it is missing.
access_says() {
  local path=$1 mode=$2 owner=$3 seen
  [[ -e $path ]] || { say "$path is missing"; return 1; }
  seen=$(stat -c '%a %U:%G' "$path")
  [[ ${seen%% *} == "${mode#0}" ]] || say "$path has mode 0${seen%% *}, should be 0${mode#0}"
  [[ ${seen#* } == "$owner" ]] || say "$path belongs to ${seen#* }, should be $owner"
}

# file_says PATH MODE OWNER:GROUP [show] <wanted: says how the file deviates; with `show` also the lines, so only for files without secrets.
file_says() {
  local path=$1 mode=$2 owner=$3 show=${4-} wanted line shown=0
  wanted=$(mktemp "${TMPDIR:-/run}/.wanted.XXXXXX")
  cat >"$wanted"
  if access_says "$path" "$mode" "$owner" && ! cmp -s "$wanted" "$path"; then
    if [[ $show != show ]]; then
      say "$path has other content than it should"
    else
      while IFS= read -r line && ((shown++ < 8)); do
        case $line in
          '<'*) say "$path lacks: ${line:2}" ;;
          '>'*) say "$path has, and should not: ${line:2}" ;;
        esac
      done < <({ diff "$wanted" "$path" || true; } | grep '^[<>]' || echo '< the newline at its end')
    fi
  fi
  rm -f "$wanted"
}

user_home() { getent passwd "$1" | cut -d: -f6; }

# as_user NAME CMD…: as that user, with nothing of root's environment and in a folder it can read.
as_user() {
  local name=$1 home
  shift
  home=$(user_home "$name")
  (cd "${AS_USER_CWD:-/}" && exec runuser -u "$name" -- env -i HOME="$home" USER="$name" LOGNAME="$name" \
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin LC_ALL=C.UTF-8 "${AS_USER_ENV[@]}" "$@")
}
AS_USER_ENV=()

# systemd sees a changed unit only after this; two at once would be twice the work.
daemon_reload() { with_lock systemd systemctl daemon-reload; }
