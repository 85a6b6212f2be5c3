# shellcheck shell=bash
# The distribution's packages. Only missing ones are installed, none is ever removed.
# observed: each package is installed, whole, or another that stands in for it; needrestart's setting for the servers;
#   where one is missing, what installing it would change of what is there: to remove, lower or let go of something is
#   refused
# not observed: versions: upgrades are the distribution's and the operator's; what packages of the operator's own lack;
#   files changed inside a package (`debsums`, `rpm -V` take minutes)

# shellcheck disable=SC2034 # the runner takes this lock
LOCK=packages
# SQL servers whose packages conflict with MariaDB's, though they do not all declare it.
RIVALS=(
  mysql-server mysql-community-server community-mysql-server mysql-server-8.0 mysql8.0-server mysql8.4-server
  percona-server-server
)

# missing_packages: one a line, with what is wrong when it is installed in part. `a|b` is satisfied by either; a is the
# one to install.
missing_packages() {
  local packages line
  list packages packages
  while IFS= read -r line; do
    [[ -n $(stand_in_for "${line%% *}") ]] || printf '%s\n' "$line"
  done < <(missing_by_name "${packages[@]%%|*}")
}
missing_by_name() {
  local packages=("$@") name state
  if [[ ${ARG[family]-} == dnf ]]; then
    # By what packages provide: Fedora has several packages for some of them.
    rpm -q --whatprovides "${packages[@]}" 2>/dev/null | sed -n 's/^no package provides //p' || true
    return 0
  fi
  # dpkg-query does not print packages that it never heard of.
  local -A seen=()
  while read -r name state; do
    [[ ${seen[$name]-} == installed ]] || seen[$name]=$state
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
  for name in "${packages[@]}"; do
    case ${seen[$name]-} in
      installed) ;;
      '' | not-installed | config-files) printf '%s\n' "$name" ;;
      *) printf '%s %s\n' "$name" "${seen[$name]}" ;;
    esac
  done
}

# stand_in_for NAME: the installed package that is, or provides, an accepted replacement.
stand_in_for() {
  local other
  other=$(sed -n "s/^${1//./\\.}|//p" <<<"${ARG[packages]-}")
  [[ -z $other ]] || provider_of "$other"
}
# provider_of NAME…: an installed package that is, or provides, one of these.
provider_of() {
  if [[ ${ARG[family]-} == dnf ]]; then
    rpm -q --qf '%{NAME}\n' --whatprovides "$@" 2>/dev/null | sed -n '/ /!p'
  else
    dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' 2>/dev/null | awk -v names=" $* " '
      sub(/^installed /, "") { n = split($0, each, /, */)
        for (i = 1; i <= n; i++) { sub(/ .*/, "", each[i]); if (each[i] && index(names, " " each[i] " ")) { print each[1]; break } } }'
  fi
}

# rival_server: another SQL server that is installed, while MariaDB's is not.
rival_server() {
  [[ $'\n'$1$'\n' != *$'\nmariadb-server\n'* ]] || provider_of "${RIVALS[@]}" virtual-mysql-server |
    grep -v '^mariadb' | head -n 1 || true
}

observe() {
  local line missing
  missing=$(missing_packages)
  while read -r line; do
    case $line in
      '') ;;
      *' '*) say "the package ${line%% *} is ${line#* }, should be installed" ;;
      *) say "the package $line is not installed" ;;
    esac
  done <<<"$missing"
  tell_stand_ins
  [[ -z $missing ]] || foresee_install "$missing"
  [[ ! -d $NEEDRESTART_DIR ]] || check_file "$NEEDRESTART_CONF" 0644 root:root "${ARG[needrestart]-}"$'\n' show
}

tell_stand_ins() {
  local packages each other
  list packages packages
  for each in "${packages[@]}"; do
    [[ $each == *'|'* && -n $(missing_by_name "${each%%|*}") ]] || continue
    other=$(provider_of "${each#*|}" | head -n 1)
    [[ -z $other ]] || foretell "$other stays, and does the work of ${each%%|*}, which is not installed beside it"
  done
}

# foresee_install MISSING: tells what installing them would do to the packages that are there.
foresee_install() {
  local names other line way=0
  mapfile -t names < <(cut -d ' ' -f 1 <<<"$1")
  other=$(rival_server "$1")
  if [[ -n $other ]]; then
    refuse "$other is installed: MariaDB cannot be beside another SQL server; move its databases away and remove it, or use another server"
  fi
  # The packages' scripts run from there. Some hosts let apt mount it with exec while it installs.
  [[ ${ARG[family]-} == dnf || $(apt-config dump DPkg::Pre-Invoke) == *remount*exec* ]] ||
    refuse_noexec /var/lib/dpkg/info
  # An interrupted dpkg is finished first; apply looks again after that.
  [[ ${ARG[family]-} == dnf || -z $(dpkg --audit 2>/dev/null) ]] || return 0
  "foresee_${ARG[family]-}" "${names[@]}" || way=$?
  if ((way == 2)); then
    # With old package lists the answer may be wrong.
    [[ ${ARG[family]-} == apt && -z $(has_fresh_lists) ]] || refuse "$(why_uninstallable)"
  elif ((way == 1)); then
    foretell "what ${ARG[family]-} would change of the packages that are there cannot be told yet$(unexplained_missing); it is looked at before anything is installed, and nothing is removed"
  else
    while IFS= read -r line; do refuse "$line"; done < <(harmful_changes "$other")
    tell_raised
  fi
}

unexplained_missing() {
  local words
  if [[ ${ARG[family]-} == apt &&
    -z $(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null) ]]; then
    echo ", as it has no package lists here"
  else
    words=$(sed -n '/^E: \|^Error: \|^No match/{s/^\(E\|Error\): //; s/^/, as it says: /; p; q}' <<<"$ANSWER")
    echo "${words:-, as it takes too long}"
  fi
}

apply() {
  local missing names=()
  missing=$(missing_packages)
  [[ -z $missing ]] || mapfile -t names < <(cut -d' ' -f1 <<<"$missing")
  if ((${#names[@]})); then
    note "installing ${#names[@]} package$( ((${#names[@]} == 1)) || echo s) (${ARG[family]-}): ${names[*]}"
    if [[ " ${names[*]} " == *' firewalld '* ]]; then
      keep_firewalld_stopped "install_${ARG[family]-}" "${names[@]}"
    else
      "install_${ARG[family]-}" "${names[@]}"
    fi
    note "${#names[@]} package$( ((${#names[@]} == 1)) || echo s) installed ($SECONDS s)"
  fi
  [[ ! -d $NEEDRESTART_DIR ]] || { arg needrestart && echo; } | write_file "$NEEDRESTART_CONF" 0644 root:root
}

has_fresh_lists() { find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 -print -quit 2>/dev/null || true; }

install_apt() {
  local fresh
  fresh=$(has_fresh_lists)
  [[ -z $(dpkg --audit 2>/dev/null) ]] || finish_interrupted
  [[ -n $fresh ]] || update_lists
  refuse_harmful foresee_apt "$@"
  wait_for_package_managers install_these "$@" && return
  # The mirror may no longer have what the lists name.
  if [[ -z $fresh ]] || ! grep -Eq 'Unable to locate|Failed to fetch|404 ' "$PACKAGE_LOG"; then
    die_of_package_manager "apt could not install the packages"
  fi
  update_lists
  refuse_harmful foresee_apt "$@"
  wait_for_package_managers install_these "$@" || die_of_package_manager "apt could not install the packages"
}
install_these() { run_apt install --no-install-recommends "$@" 2>&1 | progress; }

# finish_interrupted: after a dpkg that was cut off. Packages unpacked before their dependencies cannot be configured;
# apt installs the dependencies.
finish_interrupted() {
  note "finishing what another run of dpkg has begun"
  wait_for_package_managers logged dpkg --force-confdef --force-confold --configure -a ||
    wait_for_package_managers logged run_apt --fix-broken install ||
    die_of_package_manager "dpkg could not finish what was begun"
}

update_lists() {
  note "updating the package lists"
  wait_for_package_managers logged run_apt update -o Acquire::Retries=3 || die_of_package_manager "apt could not update its package lists"
}

# refuse_harmful COMMAND…: ends the step before anything is done, when what COMMAND foresees would do harm.
refuse_harmful() {
  local way=0 against=()
  "$@" || way=$?
  ((way != 2)) || die "$(why_uninstallable)" "nothing was installed"
  ((way == 0)) || return 0
  mapfile -t against < <(harmful_changes)
  ((${#against[@]} == 0)) || die "${against[@]}" "nothing was installed"
  tell_raised | sed 's/^foretold: //'
}

install_dnf() {
  wait_for_package_managers dnf_these install "$@" && return
  # The mirror may no longer have what the stored metadata name.
  if grep -Eq 'No match|404|Cannot download|incorrect checksum' "$PACKAGE_LOG"; then
    note "updating the package lists"
    wait_for_package_managers dnf_these --refresh install "$@" && return
  fi
  die_of_package_manager "dnf could not install the packages"
}
dnf_these() {
  dnf_is_free || return 1
  logged run_dnf --assumeno "$@" || ! other_package_manager >/dev/null || return 1
  ANSWER=$(<"$PACKAGE_LOG")
  refuse_harmful read_dnf
  run_dnf "$@" 2>&1 | progress
}
# dnf 5 waits for its own lock for ever, whatever its options, and fails without a message when rpm's lock is taken.
dnf_is_free() {
  local file holder
  for file in /var/lib/dnf/system-repo.lock "$(rpm --eval '%{_rpmlock_path}')"; do
    if holder=$(locked_by "$file"); then
      printf '%s is locked by %s\n' "$file" "$holder" >"$PACKAGE_LOG"
      return 1
    fi
  done
}

# progress: writes all output to the log, and prints a line at every quarter.
progress() {
  tee "$PACKAGE_LOG" | awk '
    function told(what, q) { q = int(4 * done / total); if (q > last && q < 4) { last = q; print q * 25 " % (" what ")"; fflush() } }
    /newly installed/ { total = $3 * 2 }
    /^(Unpacking|Setting up) / && total { done++; told($0) }
    # dnf prints its own count.
    /Installing *:? / && match($0, /[0-9]+\/[0-9]+/) {
      split(substr($0, RSTART, RLENGTH), part, "/"); done = part[1]; total = part[2]
      match($0, /Installing *:? [^ ]+/); told(substr($0, RSTART, RLENGTH)) }'
}

manifest() {
  [[ ! -d $NEEDRESTART_DIR ]] || printf 'file %s\n' "$NEEDRESTART_CONF"
}

keeps() { note "kept: the packages, as others may need them"; }
