# shellcheck shell=bash
# apt and dnf without questions. They wait for other package managers, and their own words go into the error. Call them
# only with the lock `packages`.

# The output of the last one, for root alone: dnf may print a repository's settings with the password of its proxy.
PACKAGE_LOG=$LOCK_DIR/packages.log

# With --no-remove apt never removes a package.
run_apt() {
  through_proxy apt-get -y -q --no-remove -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o \
    Dpkg::Use-Pty=0 "$@" </dev/null
}
# Without exit_on_lock dnf 4 waits for ever and says nothing.
run_dnf() { through_proxy dnf -y --setopt=install_weak_deps=False --setopt=exit_on_lock=True "$@" </dev/null; }
# through_proxy PROGRAM…: a proxy in the program's own configuration comes first.
through_proxy() {
  (
    find_proxy
    ((${#PROXY[@]} == 0)) || export "${PROXY[@]}"
    exec "$@"
  )
}
logged() { "$@" >"$PACKAGE_LOG" 2>&1; }

# wait_for_package_managers COMMAND…: repeats COMMAND for ten minutes while the log says that another package manager is
# at work (nightly upgrades, a person). apt itself waits only for dpkg's lock, and says nothing.
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

# other_package_manager: the one that the last command met, in its words; 1 when it failed for another reason.
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

# locked_by FILE: the process that has it locked, as far as the kernel tells; 1 when none has.
locked_by() {
  local inode pid
  inode=$(stat -c %i "$1" 2>/dev/null) || return
  pid=$(awk -v inode=":$inode\$" '$4 == "WRITE" && $6 ~ inode { print $5; exit }' /proc/locks)
  [[ -n $pid ]] && printf 'process %s (%s)' "$pid" "$(program_of "$pid")"
}

# program_of PID: its name in the kernel.
program_of() { cat "/proc/$1/comm" 2>/dev/null; }

# die_of_package_manager SENTENCE: ends the step with what apt, dpkg or dnf printed.
die_of_package_manager() {
  local lines
  mapfile -t lines < <(grep -E '^ *(E:|W:|Err|dpkg|Error|Problem|No match|Failed|Transaction failed|Librepo|RPM:|>>> |- |\[MIRROR\]|[^ ]+ : Depends:)' "$PACKAGE_LOG" |
    grep -vx 'Error: ' | tail -n 8 || true)
  ((${#lines[@]})) || mapfile -t lines < <(grep -vi password "$PACKAGE_LOG" | tail -n 8)
  die "$1" "${lines[@]}"
}

# uses_dpkg: the host's packages are dpkg's. Both families' programs may be installed, so the programs do not tell.
uses_dpkg() { dpkg-query -W bash >/dev/null 2>&1; }
