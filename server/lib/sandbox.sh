# shellcheck shell=bash
# The sandboxes of units. Some containers and some hardened kernels cannot make one.

# sandbox_refused UNIT CONTENT: tries, with a program that does nothing, the sandbox of a unit with this content and its
# drop-ins. Prints systemd's words when it cannot be made; 1 when it can.
sandbox_refused() {
  local line lines=() wanted=() trial since rc=0
  trial=$(job_unit "sandbox-$BASHPID").service
  # Folders may not exist yet, so they cannot be tried.
  local \
    part='^(NoNewPrivileges|Protect[A-Za-z]+|Private[A-Za-z]+|Bind(ReadOnly)?Paths|TemporaryFileSystem|LockPersonality|MemoryDenyWriteExecute|Restrict[A-Za-z]+|CapabilityBoundingSet|SystemCall[A-Za-z]+|UMask)='
  mapfile -t lines < <(printf '%s\n' "$2" && cat {/etc,/run}/systemd/system{,.control}/"$1".d/*.conf 2>/dev/null)
  for line in "${lines[@]}"; do [[ ! $line =~ $part ]] || wanted+=(-p "$line"); done
  ((${#wanted[@]})) || return 1
  since=$(date +%s.%6N)
  systemd-run --quiet --wait --collect --unit="$trial" "${wanted[@]}" true >/dev/null 2>&1 || rc=$?
  ((rc >= 200 && rc < 250)) || return 1
  journalctl --sync 2>/dev/null || true
  line=$(systemds_words "$trial" "$since") || true
  printf 'status %s/%s%s' "$rc" "$(exit_name "$rc")" "${line:+: $(printable "$line")}"
}

# sandbox_way_out UNIT: what the operator can do, one a line.
sandbox_way_out() {
  local kind container drop_in
  container=$(systemd-detect-virt --container 2>/dev/null) || container=""
  for kind in user mnt; do
    [[ $(cat "/proc/sys/user/max_${kind}_namespaces" 2>/dev/null) != 0 ]] ||
      printf 'user.max_%s_namespaces is 0 on this host: sysctl user.max_%s_namespaces=10000, and look for the file in /etc/sysctl.d that sets it\n' \
        "$kind" "$kind"
  done
  [[ -z $container ]] ||
    printf 'this host is a container (%s): let it nest, on the machine that it runs on (Proxmox: pct set ID --features nesting=1; LXD or Incus: config set NAME security.nesting=true), and start it anew\n' \
      "$container"
  case $1 in
    "$JOB_PREFIX"*) drop_in="/etc/systemd/system/$JOB_PREFIX.service.d/sandbox.conf, for all of its jobs" ;;
    *) drop_in="systemctl edit $1" ;;
  esac
  printf 'or do without that part of the sandbox, in a drop-in of your own, which the stack leaves alone: %s (PrivateUsers=no for 217; ProtectSystem=no, ProtectHome=no, PrivateTmp=no, PrivateDevices=no, ProtectKernelTunables=no, ProtectKernelModules=no, ProtectKernelLogs=no, ProtectControlGroups=no, ProtectProc=default, ReadWritePaths= as well for 226)\n' "$drop_in"
}
