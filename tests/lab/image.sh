# shellcheck shell=bash
# The lab's images: a layer folder each, and a list of the layers below it. machine.sh reads this file.
#   images/NAME         a link to NAME-KEY.dir; KEY is what the image was made from: with another key it is made anew
#   images/NAME/layer   the files
#   images/NAME/below   the layers below it, top first, one a line; none below a whole system
# `bare` and `baked` have the release SUITE; `bare-trixie`, `bare-noble`, … are bare ones of that release.

SUITE=${TRINITY_LAB_SUITE:-bookworm}
UBUNTU=http://archive.ubuntu.com/ubuntu
HOST_PACKAGES=(systemd-container mmdebstrap debian-archive-keyring openssh-client iproute2 nftables procps kmod
  p7zip-full shellcheck git rsync python3-venv zsh fish)
BARE_PACKAGES=(systemd systemd-sysv dbus openssh-server sudo iproute2 ca-certificates)
BAKED_PACKAGES=(g++ git cmake make ninja-build ccache rsync
  libboost-dev libboost-filesystem-dev libboost-program-options-dev libboost-regex-dev libboost-locale-dev
  libboost-iostreams-dev
  libmariadb-dev-compat libssl-dev libreadline-dev libbz2-dev zlib1g-dev
  mariadb-server mariadb-client p7zip-full socat zstd restic openssl iproute2 gdb systemd-coredump)

host_packages() {
  local missing=() package
  command -v apt-get >/dev/null || die "the lab installs what it needs with apt-get, which this machine has not" \
    "needed: ${HOST_PACKAGES[*]}"
  for package in "${HOST_PACKAGES[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  local since=$SECONDS log=$CACHE/host-packages.log
  export DEBIAN_FRONTEND=noninteractive
  { apt-get -q update && apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
    { tail -n 15 "$log" >&2 && die "this machine's packages could not be installed (whole log: $log)"; }
  line lab "${#missing[@]} packages installed on this machine: ${missing[*]}" "$(elapsed "$since")"
}

is_ubuntu() { [[ $SUITE == noble ]]; }

# apt_sources: the lab reaches the distribution's archive as this machine does, so that the repository need not say how.
apt_sources() {
  local id codename wanted=debian suite
  if is_ubuntu; then wanted=ubuntu; fi
  read -r id codename < <(. /etc/os-release && echo "$ID $VERSION_CODENAME")
  if [[ $id == "$wanted" ]]; then
    cat "/etc/apt/sources.list.d/$id.sources" /etc/apt/sources.list 2>/dev/null | sed "s/\b$codename\b/$SUITE/g"
  elif is_ubuntu; then
    for suite in "$SUITE" "$SUITE-updates" "$SUITE-security"; do echo "deb $UBUNTU $suite main universe"; done
  fi
}

mirror() {
  local first
  first=$(apt_sources | sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' | head -n 1)
  echo "${first:-http://deb.debian.org/debian}"
}

# offered SUITE: this machine reaches an archive with that release. apt tries it, as apt knows its proxy and the like.
offered() {
  local SUITE=$1 dir status=0
  dir=$(mktemp -d)
  /usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=10 \
    download-file "$(mirror)/dists/$SUITE/InRelease" "$dir/InRelease" >/dev/null 2>&1 || status=1
  rm -rf "$dir"
  return "$status"
}

resolver() {
  local file=/etc/resolv.conf
  # A lab machine cannot reach this machine's stub resolver.
  if grep -q '^nameserver 127\.0\.0\.53' "$file" && [[ -e /run/systemd/resolve/resolv.conf ]]; then
    file=/run/systemd/resolve/resolv.conf
  fi
  cat "$file"
}

# With the distribution's own firewall: Ubuntu's is off until somebody turns it on.
bare_packages() { echo "${BARE_PACKAGES[*]} $(if is_ubuntu; then echo ufw; else echo firewalld; fi)"; }
bare_key() {
  {
    declare -f make_bare
    echo "$SUITE $(bare_packages)"
    apt_sources
    cat /etc/apt/apt.conf.d/99* 2>/dev/null || true
  } | sha256sum | cut -c 1-12
}
baked_key() { { bare_key && declare -f make_baked && echo "${BAKED_PACKAGES[*]}"; } | sha256sum | cut -c 1-12; }

# layers IMAGE: prints its folders, top first, as overlayfs wants them.
layers() {
  local dir
  dir=$(readlink -f "$CACHE/images/$1")
  [[ -d $dir/layer ]] || die "there is no image or snapshot '$1'; there are: $(images | xargs)"
  { echo "$dir/layer" && cat "$dir/below"; } | paste -sd :
}
images() { (cd "$CACHE/images" 2>/dev/null && find . -maxdepth 1 -type l -printf '%f\n' | sort) || true; }

# locked FUNCTION ARGUMENT…: runs FUNCTION under a lock, as only one at a time may make, use or remove layer folders.
locked() { (flock 6 && "$@") 6>"$CACHE/images/.lock"; }

# publish DIR NAME KEY: makes the finished folder DIR the image NAME, all of it at once.
publish() {
  local id=$2-$3
  rm -rf "$CACHE/images/$id.dir"
  mv "$1" "$CACHE/images/$id.dir"
  ln -sfn "$id.dir" "$CACHE/images/$2.new"
  mv -T "$CACHE/images/$2.new" "$CACHE/images/$2"
  prune
}

# prune: deletes folders that no name, machine or other image uses any more.
prune() {
  local dir used
  used=$(find "$CACHE/images" -maxdepth 1 -type l -exec readlink -f {} +
    { cat "$CACHE"/images/*/below "$CACHE"/machines/*/below 2>/dev/null || true; } | sed 's|/layer$||')
  for dir in "$CACHE"/images/*.dir; do
    grep -qxF "$dir" <<<"$used" || rm -rf "$dir"
  done
}

# ubuntu_key FOLDER: prints the path of the key of Ubuntu's archive. A machine without it gets it from Debian's archive,
# whose key vouches for it.
ubuntu_key() {
  local key=/usr/share/keyrings/ubuntu-archive-keyring.gpg SUITE=trixie
  if [[ -e $key ]]; then echo "$key" && return; fi
  mmdebstrap --quiet --variant=extract --include=ubuntu-keyring "$SUITE" "$1" "$(mirror)" >&2 && echo "$1$key"
}

make_bare() {
  local dir=$1 include more=()
  include=$(bare_packages)
  if is_ubuntu; then more=("--components=main universe" "--keyring=$(ubuntu_key "$dir/keyring")") || return; fi
  mmdebstrap --quiet --variant=important "${more[@]}" --include="${include// /,}" "$SUITE" "$dir/layer" "$(mirror)" ||
    return
  apt_sources >"$dir/sources"
  if [[ -s $dir/sources ]]; then
    rm -f "$dir/layer/etc/apt/sources.list"
    # apt reads the deb822 style only from a file named *.sources.
    if grep -q '^URIs:' "$dir/sources"; then
      mv "$dir/sources" "$dir/layer/etc/apt/sources.list.d/debian.sources"
    else
      mv "$dir/sources" "$dir/layer/etc/apt/sources.list"
    fi
  fi
  cp /etc/apt/apt.conf.d/99* "$dir/layer/etc/apt/apt.conf.d/" 2>/dev/null || true
  # Each machine gets an identity and host keys of its own at its first boot, so the image has none.
  rm -rf "$dir"/layer/etc/ssh/ssh_host_* "$dir/sources" "$dir/keyring"
  : >"$dir/layer/etc/machine-id"
  : >"$dir/below"
}

make_baked() {
  local dir=$1 status=0
  mkdir -p "$dir/layer" "$dir/work" "$dir/root"
  layers bare | tr : '\n' >"$dir/below"
  mount -t overlay overlay -o "lowerdir=$(layers bare),upperdir=$dir/layer,workdir=$dir/work" "$dir/root" || return
  resolver >"$dir/root/etc/resolv.conf"
  systemd-nspawn --quiet --directory="$dir/root" --register=no --keep-unit --resolv-conf=off --pipe \
    --setenv=DEBIAN_FRONTEND=noninteractive bash -ec "apt-get -q update
      apt-get -q -o Dpkg::Options::=--force-unsafe-io install -y --no-install-recommends ${BAKED_PACKAGES[*]}
      apt-get clean
      rm -rf /var/lib/apt/lists/*" </dev/null || status=$?
  umount "$dir/root"
  rm -rf "$dir/work" "$dir/root"
  return "$status"
}

# image NAME KEY: makes the image, unless it is there and was made from the same.
image() {
  local name=$1 key=$2 dir since=$SECONDS
  mkdir -p "$CACHE/images"
  exec 8>"$CACHE/images/$name.lock"
  flock 8
  if [[ $(readlink "$CACHE/images/$name") != "$name-$key.dir" ]]; then
    line lab "making the $name image ($SUITE)" "a minute or three, once"
    # Leftovers of a run that was killed.
    find "$CACHE/images" -maxdepth 1 -name ".$name.*" -exec umount -q {}/root \; -exec rm -rf {} +
    dir=$(mktemp -d "$CACHE/images/.$name.XXXXXX")
    chmod 755 "$dir"
    ("make_${name%%-*}" "$dir") >"$CACHE/images/$name.log" 2>&1 || {
      tail -n 20 "$CACHE/images/$name.log" >&2
      die "the $name image could not be made (whole log: $CACHE/images/$name.log)"
    }
    locked publish "$dir" "$name" "$key"
    line lab "$name image ($SUITE)" "$(elapsed "$since")"
  fi
  exec 8>&-
}

ensure_image() {
  local SUITE=$SUITE
  if [[ $1 == bare-* ]]; then SUITE=${1#bare-}; fi
  if [[ $1 == baked ]]; then image bare "$(bare_key)" && image baked "$(baked_key)"; else image "$1" "$(bare_key)"; fi
}
