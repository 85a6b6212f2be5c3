#!/usr/bin/env bash
# Disposable hosts on this machine: each is a real Debian or Ubuntu that boots under systemd-nspawn, and takes root over
# SSH.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"
# shellcheck source-path=SCRIPTDIR source=image.sh
. "$here/image.sh"

# Two caches on one machine share only the numbers of the networks.
ALL=/run/trinity-lab
RUN=$ALL/$(printf %s "$CACHE" | sha256sum | cut -c 1-8)
KEY=$CACHE/lab_ed25519

usage() {
  cat >&2 <<'TEXT'
usage: machine.sh host-packages | image | image-baked | images | forget SNAPSHOT | list | key
       machine.sh offered SUITE                               whether a bare-SUITE image can be made here
       machine.sh boot NAME [--image bare|bare-trixie|bare-noble|baked|SNAPSHOT]     boots it, makes it when it is new
       machine.sh address|hostkey NAME
       machine.sh exec NAME COMMAND...                        inside, not by ssh
       machine.sh net NAME COMMAND...                         a program of this machine, in its network
       machine.sh ssh NAME [COMMAND...]
       machine.sh snapshot NAME SNAPSHOT                      stops it, keeps what it is now as an image
       machine.sh stop|kill|destroy NAME                      power button, power cut, as if it never was
TEXT
  exit 2
}

network() { echo "trinity$(<"$CACHE/machines/$1/net")"; }
address() { echo "10.77.$(<"$CACHE/machines/$1/net").${2:-2}"; }
known() { [[ -d $CACHE/machines/$1 ]] || die "there is no machine '$1'"; }
leader() { [[ -e $RUN/$1/leader ]] && cat "$RUN/$1/leader"; }
up() { local pid && pid=$(leader "$1") && [[ $(cat "/proc/$pid/comm" 2>/dev/null) == systemd ]]; }

# until_true SECONDS COMMAND…: polls until COMMAND succeeds; returns 1 after SECONDS.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

inside() {
  local pid
  up "$1" || die "machine '$1' is not up"
  pid=$(leader "$1")
  shift
  nsenter -t "$pid" -m -u -i -n -p -r -w -- \
    /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

# cgroups NAME: prints the machine's own folder in each hierarchy. Machines that share one would find each other's
# processes in their units.
cgroups() { awk -v name="trinity-${RUN##*/}-$1" '$3 ~ /^cgroup2?$/ { print $2 "/" name }' /proc/mounts; }

# reap NAME: removes what a dead machine leaves: a mount, a network device, its cgroups, its folder in /run.
reap() {
  local name=$1 dir
  up "$name" && return
  if [[ -e $RUN/$name/nspawn ]]; then until_true 10 gone "$(<"$RUN/$name/nspawn")" || true; fi
  if mountpoint -q "$RUN/$name/root"; then umount "$RUN/$name/root" || umount -l "$RUN/$name/root"; fi
  for dir in $(cgroups "$name"); do find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
  if [[ -e $CACHE/machines/$name/net ]]; then ip link delete "ve-$(network "$name")" 2>/dev/null || true; fi
  rm -rf "${RUN:?}/$name"
}
gone() { [[ $(cat "/proc/$1/comm" 2>/dev/null) != systemd-nspawn ]]; }

# allot NAME: each machine keeps its network for life; numbers that another cache on this machine uses are left alone.
allot() {
  local n machine=$CACHE/machines/$1
  mkdir -p "$ALL/.nets"
  exec 7>"$ALL/.lock"
  flock 7
  if [[ ! -e $machine/net ]]; then
    for n in {0..254}; do
      [[ -e $ALL/.nets/$n ]] && continue
      grep -qx "$n" "$CACHE"/machines/*/net 2>/dev/null && continue
      echo "$n" >"$machine/net"
      break
    done
  fi
  n=$(<"$machine/net")
  if [[ -e $ALL/.nets/$n && $(<"$ALL/.nets/$n") != "$machine" ]]; then
    die "network 10.77.$n.0/30 of '$1' belongs to $(<"$ALL/.nets/$n")"
  fi
  echo "$machine" >"$ALL/.nets/$n"
  exec 7>&-
}

# create NAME IMAGE: a new machine is an empty layer over its image.
create() {
  local name=$1 image=$2 machine=$CACHE/machines/$1 below
  below=$(layers "$image")
  rm -rf "$machine/work"
  mkdir -p "$machine/work"
  tr : '\n' <<<"$below" >"$machine/below"
  echo "$image" >"$machine/image"
  # The layer comes last: the machine is there when its layer is.
  mkdir "$machine/upper"
}

furnish() {
  local name=$1 root=$2
  [[ -e $KEY ]] || ssh-keygen -q -t ed25519 -N '' -C trinity-lab -f "$KEY"
  ls "$root"/etc/ssh/ssh_host_ed25519_key >/dev/null 2>&1 || ssh-keygen -q -A -f "$root" >/dev/null
  [[ -s $root/etc/machine-id ]] || tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  echo "$name" >"$root/etc/hostname"
  # The servers look up the realm's public name as they start: it leads to the machine itself.
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost\n%s wow.lab.test\n' "$name" \
    "$(address "$name")" >"$root/etc/hosts"
  # On Ubuntu this is a link to a resolver that does not run in a lab machine.
  rm -f "$root/etc/resolv.conf"
  resolver >"$root/etc/resolv.conf"
  install -d -m 700 "$root/root/.ssh"
  grep -qsxF "$(<"$KEY.pub")" "$root/root/.ssh/authorized_keys" || cat "$KEY.pub" >>"$root/root/.ssh/authorized_keys"
  # In a container systemd 257 waits two minutes for a user's manager to end, and the user's next login waits too.
  install -D -m 644 /dev/stdin "$root/etc/systemd/logind.conf.d/lab.conf" <<<$'[Login]\nUserStopDelaySec=infinity'
  cut -d ' ' -f 1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub" >"$CACHE/machines/$name/hostkey"
  echo "$(address "$name") $(<"$CACHE/machines/$name/hostkey")" >"$CACHE/machines/$name/known_hosts"
}

# forward: the lab's machines reach what this machine reaches.
forward() {
  sysctl -q -w net.ipv4.ip_forward=1
  nft -f - <<'NFT'
table ip trinity_lab
delete table ip trinity_lab
table ip trinity_lab {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr 10.77.0.0/16 ip daddr != 10.77.0.0/16 masquerade
  }
}
NFT
}

# find_leader NAME NSPAWN: the machine's init is the child of systemd-nspawn that has become systemd.
find_leader() {
  local name=$1 nspawn=$2 pid
  for pid in $(pgrep -P "$nspawn"); do
    [[ $(readlink "/proc/$pid/exe") == */systemd ]] && echo "$pid" >"$RUN/$name/leader" && return
  done
  [[ -d /proc/$nspawn ]] || die "machine '$name' ended at once" "$(tail -n 5 "$CACHE/machines/$name/console.log")"
  return 1
}
settled() {
  case $(inside "$1" systemctl is-system-running 2>/dev/null) in running | degraded) ;; *) return 1 ;; esac
}
answers() { [[ $(timeout 2 head -c 4 2>/dev/null <>"/dev/tcp/$1/22") == SSH- ]]; }

boot() {
  local name=$1 image=bare since=$SECONDS root=$RUN/$1/root machine=$CACHE/machines/$1 nspawn dir
  [[ $name =~ ^[a-z][a-z0-9-]{0,11}$ ]] || die "a machine's name is up to 12 of a-z, 0-9 and '-', a letter first"
  if [[ ${2:-} == --image ]]; then image=${3:?}; fi
  mkdir -p "$machine" "$RUN"
  exec 9>"$machine.lock"
  flock 9
  if ! up "$name"; then
    reap "$name"
    if [[ ! -e $machine/upper ]]; then
      case $image in bare | bare-* | baked) ensure_image "$image" ;; esac
      locked create "$name" "$image"
    fi
    allot "$name"
    mkdir -p "$root"
    modprobe -q overlay 2>/dev/null || true
    mount -t overlay overlay "$root" \
      -o "lowerdir=$(paste -sd : "$machine/below"),upperdir=$machine/upper,workdir=$machine/work"
    furnish "$name" "$root"
    {
      # A new cpuset takes no process before it has CPUs. That may fail, as machines can share a cpuset.
      for dir in $(cgroups "$name"); do
        { mkdir -p "$dir" && echo "$BASHPID" >"$dir/cgroup.procs"; } 2>/dev/null || true
      done
      # CAP_SYS_TIME would set this machine's clock; nftables needs the bpf call for firewalld.
      exec setsid systemd-nspawn --quiet --directory="$root" --boot --machine="$(network "$name")" --hostname="$name" \
        --register=no --keep-unit \
        --network-veth --capability=all --drop-capability=CAP_SYS_TIME --system-call-filter=bpf --resolv-conf=off
    } </dev/null >"$machine/console.log" 2>&1 9>&- &
    nspawn=$!
    echo "$nspawn" >"$RUN/$name/nspawn"
    until_true 20 find_leader "$name" "$nspawn" || die "machine '$name' did not start"
    forward
    ip addr replace "$(address "$name" 1)/30" dev "ve-$(network "$name")"
    ip link set "ve-$(network "$name")" up
    nsenter -t "$(leader "$name")" -n sh -ec "ip addr replace $(address "$name")/30 dev host0
      ip link set host0 up; ip route replace default via $(address "$name" 1)"
  fi
  until_true 90 settled "$name" || die "machine '$name' did not come up" "$(inside "$name" systemctl list-jobs)"
  until_true 20 answers "$(address "$name")" || die "machine '$name' is up, but its sshd does not answer"
  line lab \
    "$name: $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' "$root/etc/os-release") under systemd-nspawn, $(address "$name"), ssh ready" \
    "$(elapsed "$since")"
  inside "$name" systemctl list-units --failed --plain --no-legend | sed 's/^/lab      failed unit: /' >&2
}

halt() {
  local name=$1 signal=$2
  if up "$name"; then
    kill -"$signal" "$(leader "$name")"
    until_true 90 down "$name" || kill -KILL "$(leader "$name")"
    until_true 10 down "$name" || die "machine '$name' does not end"
  fi
  reap "$name"
}
down() { ! up "$1"; }

snapshot() {
  local name=$1 snap=$2 machine=$CACHE/machines/$1 dir
  [[ $snap =~ ^[a-zA-Z0-9][a-zA-Z0-9._-]*$ && $snap != bare && $snap != bare-* && $snap != baked ]] ||
    die "'$snap' cannot name a snapshot"
  [[ ! -e $CACHE/images/$snap ]] || die "there is a snapshot '$snap' already (machine.sh forget $snap)"
  halt "$name" RTMIN+3
  dir=$(mktemp -d "$CACHE/images/.$snap.XXXXXX")
  chmod 755 "$dir"
  # The machine goes on as an empty layer over the snapshot.
  mv "$machine/upper" "$dir/layer"
  cp "$machine/below" "$dir/below"
  locked publish "$dir" "$snap" "$(date +%s)"
  locked create "$name" "$snap"
}

# destroy NAME: renames the machine before it deletes the files, as that may take long, and half a machine must never
# boot.
destroy() {
  local machine=$CACHE/machines/$1
  halt "$1" KILL
  if [[ -e $machine/net ]]; then rm -f "$ALL/.nets/$(<"$machine/net")"; fi
  if [[ -e $machine ]]; then mv "$machine" "$(mktemp -d "$CACHE/machines/.gone.XXXXXX")"; fi
  rm -rf "${CACHE:?}"/machines/.gone.* "$machine.lock"
  locked prune
}

list() {
  local machine name
  for machine in "$CACHE"/machines/*/; do
    name=$(basename "$machine")
    [[ -e $machine/net ]] || continue
    printf '%-12s %-5s %-14s %s\n' "$name" "$(up "$name" && echo up || echo down)" "$(address "$name")" \
      "$(<"$machine/image")"
  done
}

[[ $(uname -s) == Linux && $EUID == 0 ]] ||
  die "the lab needs a Linux machine and root: it boots a real server in a container"
mkdir -p "$CACHE/images" "$CACHE/machines"
chmod 700 "$CACHE"
case ${1:-} in
  host-packages) host_packages ;;
  image) ensure_image bare ;;
  image-baked) ensure_image baked ;;
  images) images ;;
  offered) offered "${2:?}" ;;
  forget)
    rm -f "$CACHE/images/${2:?}"
    locked prune
    ;;
  list) list ;;
  key) echo "$KEY" ;;
  boot) boot "${@:2}" ;;
  address) known "${2:?}"; address "$2" ;;
  hostkey) known "${2:?}"; cat "$CACHE/machines/$2/hostkey" ;;
  net) known "${2:?}"; exec nsenter -t "$(leader "$2")" -n -- "${@:3}" ;;
  exec) known "${2:?}"; inside "${@:2}" ;;
  ssh)
    known "${2:?}"
    exec ssh -F none -i "$KEY" -o IdentitiesOnly=yes -o UserKnownHostsFile="$CACHE/machines/$2/known_hosts" \
      -o StrictHostKeyChecking=yes -o LogLevel=ERROR "root@$(address "$2")" "${@:3}"
    ;;
  snapshot) known "${2:?}"; snapshot "$2" "${3:?}" ;;
  stop) known "${2:?}"; halt "$2" RTMIN+3 ;;
  kill) known "${2:?}"; halt "$2" KILL ;;
  destroy) destroy "${2:?}" ;;
  *) usage ;;
esac
