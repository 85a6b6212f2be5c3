# shellcheck shell=bash
# The room that a build needs, on disk and in memory.

meminfo() { awk -v key="$1:" '$1 == key { print int($2 / 1024) }' /proc/meminfo; }
# memory_left: what is free beside everything that runs, so that a realm with players keeps what it has.
memory_left() { meminfo MemAvailable; }

# missing_room <lines `PLACE MB WHAT`: a sentence for each file system with less room than all its lines need.
missing_room() {
  local place mb what disk free
  local -A needed=() for_what=()
  while read -r place mb what; do
    ((mb)) || continue
    until [[ -e $place ]]; do place=${place%/*} && place=${place:-/}; done
    read -r disk free < <(df --output=target,avail -BM "$place" | tail -n 1 | tr -d M) || continue
    needed[$disk]=$((${needed[$disk]-0} + mb)) for_what[$disk]+="${for_what[$disk]:+, }$what $mb"
    needed[$disk.free]=$free
  done
  for disk in "${!for_what[@]}"; do
    ((needed[$disk.free] >= needed[$disk])) ||
      printf '%s has %s MB free, and a build needs %s MB there (%s): make room, then run it again\n' "$disk" \
        "${needed[$disk.free]}" "${needed[$disk]}" "${for_what[$disk]}"
  done
}

# missing_memory MIN PER_JOB JOBS: why this host cannot build; nothing when it can.
missing_memory() {
  local memory swap left \
    more="fallocate -l 4G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile (and a line in /etc/fstab)"
  memory=$(meminfo MemTotal) swap=$(meminfo SwapTotal) left=$(($(memory_left) + $(meminfo SwapFree)))
  if ((memory + swap < $1)); then
    printf 'this host has %s MB of memory and %s MB of swap; a build needs %s MB of both together; more swap: %s\n' \
      "$memory" "$swap" "$1" "$more"
  elif ((left < $2)); then
    printf 'of %s MB of memory and %s MB of swap %s MB are free beside what runs on this host; a build needs %s MB: stop something, or add swap: %s\n' \
      "$memory" "$swap" "$left" "$2" "$more"
  elif (($3 > 1 && $3 * $2 > left)); then
    printf '%s jobs need about %s MB; %s MB of memory and swap are free beside what runs on this host; fewer: pulumi config set --path trinitycore:core.build.jobs %s\n' \
      "$3" "$(($3 * $2))" "$left" "$((left / $2))"
  fi
}

# lacking_here: a sentence for each thing for want of which a build would fail on this host.
lacking_here() {
  too_old_tools
  room_needed | missing_room
  missing_memory "${ARG[min_memory_mb]-0}" "${ARG[job_memory_mb]-0}" "${ARG[jobs]-0}"
}
# room_needed: `PLACE MB WHAT`, one a line. What is there already needs no more room.
room_needed() {
  local root=${ARG[root]-} mb=${ARG[min_disk_mb]-0} home
  # An existing build tree hardly grows.
  [[ ! -f $root/build/build.ninja ]] || mb=$((mb / 4))
  printf '%s %s source, build tree and release\n' "$root" "$mb"
  [[ -z $(release_at "$root/candidate") ]] || return 0
  know_home "${ARG[user]-}" || true
  home=${HOME_OF[${ARG[user]-}]:-$root}
  [[ -d $home/.cache/ccache ]] || printf "%s %s the compiler's cache\n" "$home" "${ARG[cache_mb]-0}"
  [[ -d $root/data/maps ]] || printf '%s %s game data\n' "$root/data" "${ARG[data_mb]-0}"
  printf '/var/lib/mysql %s databases\n' "${ARG[database_mb]-0}"
}

preflight() {
  local lines
  mapfile -t lines < <(lacking_here)
  ((${#lines[@]} == 0)) || die "${lines[@]}"
}

# jobs_here: the number in the config, else as many as fit into the memory that is free now.
jobs_here() {
  local wanted by_memory
  wanted=${ARG[jobs]-}
  ((wanted == 0)) || { echo "$wanted" && return; }
  wanted=$(nproc) by_memory=$(($(memory_left) / ${ARG[job_memory_mb]-}))
  ((wanted <= by_memory)) || wanted=$by_memory
  echo $((wanted < 1 ? 1 : wanted))
}

# memory_high: beyond this the kernel slows the build down and swaps out its pages, not a server's.
memory_high() {
  local left least=${ARG[job_memory_mb]-}
  left=$(($(memory_left) * 9 / 10))
  echo "$((left < least ? least : left))M"
}
