# shellcheck shell=bash
# apt and dnf: asked no questions, patient with other package managers, and quoted where they cannot. Only with the lock
# `packages`.

# What the last of them printed, for root alone: dnf may print a whole repository, with the password of its proxy.
PACKAGE_LOG=$LOCK_DIR/packages.log

# Whatever apt finds on its way, it takes nothing out.
run_apt() {
  through_proxy apt-get -y -q --no-remove -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o \
    Dpkg::Use-Pty=0 "$@" </dev/null
}
# dnf 4 would wait for a lock without end and in silence.
run_dnf() { through_proxy dnf -y --setopt=install_weak_deps=False --setopt=exit_on_lock=True "$@" </dev/null; }
# through_proxy PROGRAM…: a proxy that it has in its own configuration comes first.
through_proxy() {
  (
    find_proxy
    ((${#PROXY[@]} == 0)) || export "${PROXY[@]}"
    exec "$@"
  )
}
logged() { "$@" >"$PACKAGE_LOG" 2>&1; }

# wait_for_package_managers COMMAND…: tries again for ten minutes as long as the log says that another package manager
# is at work (upgrades at night, a person). apt would wait for dpkg's lock alone, and in silence.
wait_for_package_managers() {
  local end=$((SECONDS + ${PACKAGES_WAIT:-600})) holder told=""
  [[ -f $PACKAGE_LOG ]] || install -m 0600 /dev/null "$PACKAGE_LOG"
  until "$@"; do
    holder=$(other_package_manager) || return 1
    ((SECONDS < end)) || return 1
    [[ $holder == "$told" ]] || note "waiting for another package manager: $holder"
    told=$holder
    sleep 2
  done
}

# other_package_manager: the other package manager that the last one met, in its words; 1 when that is not why it
# failed.
other_package_manager() {
  local line
  line=$(grep -Em 1 'Could not get lock|locked by (another )?process|already locked by|transaction lock' "$PACKAGE_LOG") \
    || return 1
  line=${line#E: } line=${line#dpkg: error: } line=${line#RPM: error: }
  case $line in
    *'already locked by'*)
      printf '%s (%s)' "$line" "$(sed -n 's/^ *The application with PID .* is: //p' "$PACKAGE_LOG")"
      ;;
    *'process with pid '[0-9]*) printf '%s (%s)' "$line" "$(program_of "${line##* }")" ;;
    *) printf '%s' "$line" ;;
  esac
}

# locked_by FILE: who has it locked, as far as the kernel tells; 1 when nobody has.
locked_by() {
  local inode pid
  inode=$(stat -c %i "$1" 2>/dev/null) || return
  pid=$(awk -v inode=":$inode\$" '$4 == "WRITE" && $6 ~ inode { print $5; exit }' /proc/locks)
  [[ -n $pid ]] && printf 'process %s (%s)' "$pid" "$(program_of "$pid")"
}

# program_of PID: its name, as the kernel has it.
program_of() { cat "/proc/$1/comm" 2>/dev/null; }

# die_of_package_manager SENTENCE: ends the step with what apt, dpkg or dnf said of it.
die_of_package_manager() {
  local lines
  mapfile -t lines < <(grep -E '^ *(E:|W:|Err|dpkg|Error|Problem|No match|Failed|Transaction failed|Librepo|RPM:|>>> |- |\[MIRROR\]|[^ ]+ : Depends:)' "$PACKAGE_LOG" |
    grep -vx 'Error: ' | tail -n 8 || true)
  ((${#lines[@]})) || mapfile -t lines < <(grep -vi password "$PACKAGE_LOG" | tail -n 8)
  die "$1" "${lines[@]}"
}

# uses_dpkg: the system's own packages are dpkg's; a program of the other family may well be installed.
uses_dpkg() { dpkg-query -W bash >/dev/null 2>&1; }
