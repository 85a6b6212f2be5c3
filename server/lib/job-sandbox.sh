# shellcheck shell=bash
# The sandboxes of long jobs. Code from a commit or a download runs in them as the service user, and root reads the
# job's files through that user. A job writes only its own folders, and only those that fetch reach the network. /run is
# empty in them, so no socket is there, not even one that is made later. Other processes cannot be seen or signalled
# (job_start).

# job_sandbox NAME: the properties of its unit, one a line. A folder may be missing. Jobs that stop and start the
# servers run no code of a commit, and have no sandbox.
job_sandbox() {
  local root=${ARG[root]-} families=AF_UNIX network=no writes kept=() others=() each given="" home=yes tmp=yes
  case ${1%%-*} in
    live | restart) return ;;
    fetch) network=yes writes=$root kept=(build data logs work releases etc) given=${ARG[repository]-} ;;
    build) writes=$root kept=(src data logs work etc) ;;
    tdb)
      network=yes writes=${ARG[work]%/*} given=${ARG[source]-} &&
        mapfile -t others < <(other_folders "$writes" "${ARG[work]##*/}" tdb)
      ;;
    schema | trial) writes=${ARG[work]%/*} && mapfile -t others < <(other_folders "$writes" "${ARG[work]##*/}" schema-logs) ;;
    # Any other job runs only the stack's own scripts, which ask systemd and MariaDB.
    *) return 0 ;;
  esac
  kept=("${kept[@]/#/"-$root/"}" "${others[@]/#/-}")
  cat <<PROPERTIES
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=$writes $JOB_LOGS
ReadOnlyPaths=${kept[*]}
TemporaryFileSystem=/run
BindPaths=-$JOB_DIR/$1
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictNamespaces=pid mnt
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SYS_ADMIN CAP_SYS_RESOURCE CAP_AUDIT_WRITE
SystemCallFilter=@system-service @mount
SystemCallErrorNumber=EPERM
SystemCallArchitectures=native
PROPERTIES
  [[ -z ${ARG[secretsFolder]-} ]] || echo "InaccessiblePaths=-${ARG[secretsFolder]}"
  if [[ $network == yes ]]; then
    # The resolver asks the kernel for its addresses, and resolv.conf may be a link into these folders.
    families+=" AF_INET AF_INET6 AF_NETLINK"
    echo "BindReadOnlyPaths=-/run/systemd/resolve -/run/NetworkManager -/run/resolvconf -/run/nscd"
  else
    echo "PrivateNetwork=yes"
  fi
  echo "RestrictAddressFamilies=$families"
  # MariaDB's socket, where it is not below /run.
  each=${ARG[socket]-} each=${each%/*}
  if [[ ${1%%-*} == @(schema|trial) ]]; then
    echo "BindReadOnlyPaths=-$each"
  elif [[ -n $each && $each != /run/* ]]; then
    echo "InaccessiblePaths=-$each"
  fi
  know_home "${ARG[user]-}" || true
  # The compiler's cache.
  [[ ${1%%-*} != build ]] ||
    echo "ReadWritePaths=-${HOME_OF[${ARG[user]-}]-}/.cache -${HOME_OF[${ARG[user]-}]-}/.ccache"
  # The repository or the world content may be in the operator's home, or in a temporary folder.
  given=${given#file://}
  case $given in
    /home/* | /root/*) home=read-only ;;
    /tmp/* | /var/tmp/*) tmp=no ;;
    /run/*) echo "BindReadOnlyPaths=-$given" ;;
  esac
  [[ $root/ != @(/home|/root|/run/user)/* ]] || home=read-only
  printf '%s\n' "ProtectHome=$home" "PrivateTmp=$tmp"
}

# other_folders FOLDER NAME…: the folders in FOLDER except these.
other_folders() {
  local folder
  for folder in "$1"/*/; do
    folder=${folder%/}
    [[ ! -d $folder || " ${*:2} " == *" ${folder##*/} "* ]] || printf '%s\n' "$folder"
  done
}

# refuse_job_sandbox NAME: refused in the preview, before packages are installed.
refuse_job_sandbox() {
  local words lines
  words=$(sandbox_refused "$(job_unit "$1").service" "$(job_sandbox "$1")") || return 0
  mapfile -t lines < <(sandbox_way_out "$(job_unit "$1").service")
  refuse "systemd cannot make the sandbox of $(job_unit "$1").service on this host ($words); $(printf '%s; ' "${lines[@]::${#lines[@]}-1}")${lines[-1]}"
}

# run_caged USER CMD…: runs a program of a release so that it changes nothing and reaches nothing. A job's sandbox does
# that already.
run_caged() {
  local user=$1
  shift
  if [[ -n ${IN_JOB-} ]]; then
    as_user "$user" "$@"
    return
  fi
  systemd-run --quiet --wait --pipe --collect --unit="$(job_unit "look-$BASHPID")" --setenv=LC_ALL=C.UTF-8 -p \
    User="$user" -p NoNewPrivileges=yes \
    -p ProtectSystem=strict -p PrivateTmp=yes -p PrivateDevices=yes -p PrivateNetwork=yes -p PrivateUsers=yes -p \
      TemporaryFileSystem=/run \
    -p RuntimeMaxSec=15 -p InaccessiblePaths=-/var/lib/mysql -p RestrictAddressFamilies=AF_UNIX -p \
      RestrictNamespaces=yes -p SystemCallFilter=@system-service \
    -p SystemCallFilter='~kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo' -p \
      SystemCallErrorNumber=EPERM -p SystemCallArchitectures=native "$@"
}
