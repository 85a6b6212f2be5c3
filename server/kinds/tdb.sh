# shellcheck shell=bash
# The world's content: a dump that the first `worldserver -u` looks for by name in its working directory. Only an empty
# world database needs it.
# observed: the world's content is in the database, or waits for its import with the checksum that is on record; where
#   the config names a checksum, it comes from the file that has it
# not observed: the dump after its import: nothing needs it any more

observe() {
  local name filled dump why=""
  name=$(tdb_expected "${ARG[root]-}/src" "${ARG[user]-}")
  dump=$(dump_folder)/$name
  if [[ -n $name && -s $dump ]]; then
    why=$(content_problem "$dump" "${ARG[user]-}" "${ARG[sha256]-}")
    [[ -n $why ]] || return 0
  fi
  filled=$(world_is_filled)
  if [[ -z $filled ]]; then
    blind "MariaDB does not answer, so it cannot be told whether the world database still needs its content"
    return
  fi
  [[ $filled != yes ]] || return 0
  if [[ -n $why ]]; then
    say "the world database is empty, and $why"
  elif [[ -n $name ]]; then
    say "the world database is empty, and $(dump_folder)/$name is missing"
  else
    say "the world database is empty, and nothing is checked out that names the content it needs"
  fi
}

dump_folder() { printf '%s' "${ARG[work]-}"; }
# Where the dump is fetched to, and unpacked.
scratch_folder() { printf '%s/tdb' "${ARG[work]%/*}"; }

# world_is_filled: prints yes or no; nothing when MariaDB does not answer.
world_is_filled() {
  local database answer
  sql_quote -v database "${ARG[database]-}"
  answer=$(sql_lenient <<<"SELECT IF(COUNT(*) > 0, 'yes', 'no') FROM information_schema.tables WHERE table_schema = $database")
  [[ -z $answer || ! -f $(import_marker) ]] || answer=no
  printf '%s' "$answer"
}

# A cut-off download's files, the record, and the dump until it is imported.
manifest() {
  local name
  printf 'tree %s\nfile %s\n' "$(scratch_folder)" "$(content_record)"
  ! name=$(tdb_expected "${ARG[root]-}/src" "${ARG[user]-}") || printf 'file %s/%s\n' "$(dump_folder)" "$name"
}
drop() {
  case $1 in
    'file '*) rm -f -- "${1#file }" ;;
    *) remove_place "$1" ;;
  esac
}

apply() {
  local name user scratch dump sum
  user=${ARG[user]-}
  if [[ $(world_is_filled) == yes ]]; then return; fi
  name=$(tdb_expected "${ARG[root]-}/src" "${ARG[user]-}") ||
    die "${ARG[root]-}/src does not say which world content it needs" \
      "looked for FULL_DATABASE in revision_data.h.in.cmake"
  dump=$(dump_folder)/$name
  # The operator, or an earlier version of this stack, has put the dump there.
  if [[ -s $dump && $(field "$(content_record)" content) != "$name" ]]; then
    sum=$(content_sum "$dump" "$user") || die "$dump cannot be read"
    if [[ -z ${ARG[sha256]-} || ${ARG[sha256]} == "$sum" ]]; then
      record_content "$dump" "$sum" "$sum"
      return
    fi
  fi
  scratch=$(scratch_folder)
  make_own_folder "$scratch" "$user:" ||
    die "$scratch is no folder of its own, or ${scratch%/*} is not root's" "run \`pulumi up\` again"
  enough_space "$scratch" "${ARG[min_disk_mb]-}" "the world's content"
  named_as_expected "$name"
  find_proxy || true
  # shellcheck disable=SC2154 # an associative array
  ARG[name]=$name
  # shellcheck disable=SC2154 # `here` is the folder of these scripts
  job_run "$STEP" "$name" "$here/units/job.sh"
  sum=$(content_sum "$dump" "$user") || die "$dump cannot be read"
  record_content "$dump" "$sum" "$(<"$JOB_DIR/$STEP/came")"
  remove_place "tree $scratch"
  note "$name is in place"
}

# unattended: fetches the world's content and unpacks it, in a job.
unattended() {
  local name=${ARG[name]-} archive
  if [[ ${ARG[source]-} == /* ]]; then archive=$(local_copy); else archive=$(download "$name"); fi
  check_download "$archive"
  put_dump "$archive" "$name"
}

# named_as_expected NAME: refuses a source that by its file name is for another core, before it is fetched.
named_as_expected() {
  local given
  given=$(basename "${ARG[source]%%[?#]*}")
  [[ $given != TDB_full_world_* || ${given%%.7z*} == "${1%.sql}" || ${given%%.sql*} == "${1%.sql}" ||
    ${given%%.zip*} == "${1%.sql}" ]] ||
    die "this source needs $1, but $(realm_key tdb.source) names $given" \
      "without $(realm_key tdb.source) the right one is fetched from its release page"
}

# release_url NAME: prints the address of the dump: TDB_full_world_335.25101_2025_10_21.sql is in the release
# TDB335.25101.
release_url() {
  [[ $1 =~ ^TDB_full_world_335\.([0-9]+)_[0-9]{4}_[0-9]{2}_[0-9]{2}\.sql$ ]] ||
    die "no release page follows from the name $1" \
      "say where it is: pulumi config set --path $(realm_key tdb.source) URL"
  printf 'https://github.com/TrinityCore/TrinityCore/releases/download/TDB335.%s/%s.7z' "${BASH_REMATCH[1]}" "${1%.sql}"
}

local_copy() {
  local from to
  from=${ARG[source]-} to=$(scratch_folder)/$(basename "${ARG[source]-}")
  [[ -f $from ]] || die "$(realm_key tdb.source): there is no file $from on the host"
  # shellcheck disable=SC2016 # the other shell expands it
  as_user "${ARG[user]-}" sh -c 'cat >"$1"' sh "$to" <"$from" || die "$from could not be copied"
  printf '%s' "$to"
}

# download NAME: prints the path of the file. It goes on with what a cut-off download left: the name of that file holds
# a sum of the address, so that two downloads never mix.
download() {
  local url part to attempt
  url=${ARG[source]-}
  [[ -n $url ]] || url=$(release_url "$1") || exit 1
  to=$(scratch_folder)/$(basename "${url%%[?#]*}")
  part=$to.$(sha256sum <<<"$url" | cut -c 1-8).part
  note "fetching $(without_passwords <<<"$url")" >&2
  find_proxy
  for attempt in 1 2 3 4; do
    refused=no
    ! fetch "$url" "$part" || break
    # Either the file is whole already, or the other side cannot go on in the middle: fetch it once more from the start.
    # When nothing comes at all, do not try again.
    if [[ $refused == yes ]]; then
      as_user "${ARG[user]-}" rm -f "$part"
    elif [[ ! -s $part ]] && ! { was_unreached "${complaint[@]}" && package_managers_proxy; }; then
      attempt=4
    fi
    ((attempt < 4)) || die_of_download "$url"
  done
  as_user "${ARG[user]-}" mv -f "$part" "$to"
  printf '%s' "$to"
}

refused=no complaint=()
# shellcheck disable=SC2034 # as_user reads it
fetch() {
  local rc=0 user log why AS_USER_PRIVATE=("${PROXY[@]}")
  user=${ARG[user]-} log=$(mktemp "$MEMORY_DIR/${JOB_PREFIX}tdb.XXXXXX")
  if command -v curl >/dev/null; then
    as_user "$user" curl -fL --connect-timeout 20 --speed-limit 1000 --speed-time 60 --progress-bar -w \
      '\nstatus %{http_code}\n' -C - -o "$2" "$1" 2>&1 |
      tee "$log" | percent_notes "fetching" >&2 || rc=$?
    # curl ends with 33 when the other side has no ranges, and with 36 when the file so far does not fit. After HTTP's
    # 416 curl takes the file for whole, but nobody knows whether it is.
    if [[ $rc == 33 || $rc == 36 ]] || grep -q '^status 416' "$log"; then refused=yes rc=33; fi
  elif command -v wget >/dev/null; then
    as_user "$user" wget -c --tries=1 --timeout=60 --progress=dot:mega -O "$2" "$1" 2>&1 | tee "$log" |
      percent_notes "fetching" >&2 || rc=$?
    [[ $(<"$log") != *" 416 "* ]] || refused=yes
  else
    die "neither curl nor wget is installed"
  fi
  ! why=$(why_unrunnable "$rc") || { complaint=("curl or wget: $why") && rm -f "$log" && return "$rc"; }
  mapfile -t complaint \
    < <(tr '\r' '\n' <"$log" | { grep -E '^curl: |ERROR|failed|unable' || true; } | tail -n 3 | without_passwords)
  rm -f "$log"
  return "$rc"
}
die_of_download() {
  local way
  mapfile -t way < <(proxy_advice "${complaint[@]}")
  die "the world's content could not be fetched from $(without_passwords <<<"$1")" "${complaint[@]}" "${way[@]}" \
    "what has arrived is kept; run \`pulumi up\` again to go on, or set $(realm_key tdb.source)"
}

check_download() {
  local sum
  sum=$(content_sum "$1" "${ARG[user]-}")
  printf '%s' "$sum" >"$JOB_DIR/$STEP/came"
  [[ -z ${ARG[sha256]-} || $sum == "${ARG[sha256]-}" ]] || {
    as_user "${ARG[user]-}" rm -f "$1"
    die "the world's content is not the file that $(realm_key tdb.sha256) names" "wanted ${ARG[sha256]-}" \
      "came   $sum" "the file was deleted"
  }
}

# put_dump ARCHIVE NAME: unpacks ARCHIVE, and moves the whole dump NAME into its place.
put_dump() {
  local box=${1%/*}/unpacked found
  as_user "${ARG[user]-}" rm -rf "$box"
  as_user "${ARG[user]-}" mkdir "$box"
  case $1 in
    *.sql) as_user "${ARG[user]-}" mv "$1" "$box/" ;;
    *) unpack "$1" "$box" ;;
  esac
  mapfile -t found < <(find "$box" -type f -name '*.sql' -printf '%f\n' | sort)
  [[ " ${found[*]} " == *" $2 "* ]] || {
    as_user "${ARG[user]-}" rm -rf "$box" "$1"
    die "this source needs $2, but $(basename "$1") holds ${found[*]:-no .sql file}"
  }
  # shellcheck disable=SC2016 # the other shell expands it
  as_user "${ARG[user]-}" sh -ec \
    'f=$(find "$1" -type f -name "$2" | head -n 1); chmod 0644 "$f"; sync "$f"; mv -f "$f" "$3/$2"' sh "$box" "$2" \
    "$(dump_folder)"
}

unpack() {
  local tool said why rc=0
  for tool in 7zz 7z 7za bsdtar; do command -v "$tool" >/dev/null && break; done
  note "unpacking $(basename "$1")"
  case $tool in
    bsdtar) said=$(as_user "${ARG[user]-}" bsdtar -xf "$1" -C "$2" 2>&1) || rc=$? ;;
    *) said=$(as_user "${ARG[user]-}" "$tool" x -y -bd "-o$2" "$1" 2>&1) || rc=$? ;;
  esac
  ((rc)) || return 0
  # When the tool cannot run, the archive may be good, so it stays.
  ! why=$(why_unrunnable "$rc") || die "$(basename "$1") cannot be unpacked: $tool cannot be run on this host" "$why"
  as_user "${ARG[user]-}" rm -rf "$1"
  die "$(basename "$1") cannot be unpacked; it was deleted, run \`pulumi up\` again" \
    "$({ grep -iE 'error|cannot|not found' <<<"$said" || true; } | tail -n 1)"
}

outcome() {
  local line
  local -A known=()
  while IFS= read -r line; do known[${line%%=*}]=${line#*=}; done < <(content_lines)
  if [[ -z ${known[sum]-} ]]; then
    echo "not on record: it was in the database before"
  else
    printf '%s, sha256 %s%s\n' "${known[content]}" "${known[sum]}" \
      "$([[ ${known[came]} == "${known[sum]}" ]] || printf ', from a file with sha256 %s' "${known[came]}")"
  fi
}
