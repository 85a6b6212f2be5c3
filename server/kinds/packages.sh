# shellcheck shell=bash
# The distribution's packages. Only missing ones are installed, none is ever removed.
# observed: each package is installed, whole; needrestart's setting for the servers
# not observed: versions: upgrades are the distribution's and the operator's; what packages of the operator's own lack; files changed
#   inside a package (`debsums`, `rpm -V` take minutes)

# shellcheck disable=SC2034 # the runner takes this lock
LOCK=packages
NEEDRESTART=/etc/needrestart/conf.d
ORACLE=(mysql-server mysql-community-server community-mysql-server mysql-server-8.0 mysql8.0-server mysql8.4-server)

# missing_packages: one a line, with what is wrong where it is there in part.
missing_packages() {
  local packages name state
  list packages packages
  if [[ ${ARG[family]-} == dnf ]]; then
    # By what is provided: Fedora has more than one package for some of them.
    rpm -q --whatprovides "${packages[@]}" 2>/dev/null | sed -n 's/^no package provides //p' || true
    return 0
  fi
  # dpkg-query names only what it has heard of.
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

oracle_server() {
  if [[ ${ARG[family]-} == dnf ]]; then
    rpm -q --qf '%{NAME}\n' "${ORACLE[@]}" 2>/dev/null | grep -v 'not installed' || true
  else
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${ORACLE[@]}" 2>/dev/null | sed -n 's/^installed //p' || true
  fi
}

observe() {
  local line
  while read -r line; do say "$line is installed; MariaDB cannot be beside Oracle's server"; done < <(oracle_server | head -n 1)
  while read -r line; do
    case $line in
      *' '*) say "the package ${line%% *} is ${line#* }, should be installed" ;;
      *) say "the package $line is not installed" ;;
    esac
  done < <(missing_packages)
  [[ ! -d $NEEDRESTART ]] || file_says "$NEEDRESTART/trinity-stack.conf" 0644 root:root "${ARG[needrestart]-}"$'\n' show
}

apply() {
  local oracle missing names=()
  oracle=$(oracle_server | head -n 1)
  [[ -z $oracle ]] || die "$oracle is installed: MariaDB cannot be beside Oracle's server" \
    "move its databases away and remove it, or use another host"
  missing=$(missing_packages)
  [[ -z $missing ]] || mapfile -t names < <(cut -d' ' -f1 <<<"$missing")
  if ((${#names[@]})); then
    note "installing ${#names[@]} package$( ((${#names[@]} == 1)) || echo s) (${ARG[family]-}): ${names[*]}"
    if [[ " ${names[*]} " == *' firewalld '* ]]; then
      firewalld_asleep "install_${ARG[family]-}" "${names[@]}"
    else
      "install_${ARG[family]-}" "${names[@]}"
    fi
    note "${#names[@]} package$( ((${#names[@]} == 1)) || echo s) installed ($SECONDS s)"
  fi
  [[ ! -d $NEEDRESTART ]] || { arg needrestart && echo; } | write_file "$NEEDRESTART/trinity-stack.conf" 0644 root:root
}

install_apt() {
  local fresh
  fresh=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 -print -quit 2>/dev/null || true)
  [[ -z $(dpkg --audit 2>/dev/null) ]] || finish_begun
  [[ -n $fresh ]] || update_lists
  patient install_these "$@" && return
  # What the lists name may be gone from the mirror since.
  if [[ -z $fresh ]] || ! grep -Eq 'Unable to locate|Failed to fetch|404 ' "$PACKAGE_LOG"; then
    cannot "apt could not install the packages"
  fi
  update_lists
  patient install_these "$@" || cannot "apt could not install the packages"
}
install_these() { run_apt install --no-install-recommends "$@" 2>&1 | progress; }

# finish_begun: after a dpkg that was cut off. What was unpacked before its dependencies came cannot be configured: apt brings those.
finish_begun() {
  note "finishing what another run of dpkg has begun"
  patient logged dpkg --force-confdef --force-confold --configure -a || patient logged run_apt --fix-broken install || cannot "dpkg could not finish what was begun"
}

update_lists() {
  note "updating the package lists"
  patient logged run_apt update -o Acquire::Retries=3 || cannot "apt could not update its package lists"
}

install_dnf() {
  patient dnf_these install "$@" && return
  # What the metadata that is kept here names may be gone from the mirror since.
  if grep -Eq 'No match|404|Cannot download|incorrect checksum' "$PACKAGE_LOG"; then
    note "updating the package lists"
    patient dnf_these --refresh install "$@" && return
  fi
  cannot "dnf could not install the packages"
}
dnf_these() {
  local file holder
  # dnf 5 waits for its own lock without end, whatever it is told, and fails without a word about rpm's.
  for file in /var/lib/dnf/system-repo.lock "$(rpm --eval '%{_rpmlock_path}')"; do
    if holder=$(locked_by "$file"); then
      printf '%s is locked by %s\n' "$file" "$holder" >"$PACKAGE_LOG"
      return 1
    fi
  done
  run_dnf "$@" 2>&1 | progress
}

# progress: keeps all of the package manager's output in the log and prints a line at every quarter.
progress() {
  tee "$PACKAGE_LOG" | awk '
    function told(what, q) { q = int(4 * done / total); if (q > last && q < 4) { last = q; print q * 25 " % (" what ")"; fflush() } }
    /newly installed/ { total = $3 * 2 }
    /^(Unpacking|Setting up) / && total { done++; told($0) }
    # dnf counts for itself.
    /Installing *:? / && match($0, /[0-9]+\/[0-9]+/) {
      split(substr($0, RSTART, RLENGTH), part, "/"); done = part[1]; total = part[2]
      match($0, /Installing *:? [^ ]+/); told(substr($0, RSTART, RLENGTH)) }'
}

manifest() {
  [[ ! -d $NEEDRESTART ]] || printf 'file %s/trinity-stack.conf\n' "$NEEDRESTART"
}

keeps() { note "kept: the packages, as others may need them"; }
