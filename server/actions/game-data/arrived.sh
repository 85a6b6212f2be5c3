# shellcheck shell=bash
# shellcheck disable=SC2154 # game-data.sh sets data, incoming, manifest, user and work
# Files that were sent go live. Only what is new was sent, and the live files that stay are not read: the list has their
# sums, or the sender made them.

# arrived FOLDER… <LINES
arrived() {
  local wrong waits new kept folder parts=()
  make_work
  base64 -d | gzip -dc >"$work/sent" || die "the list of what was sent did not arrive whole; run it again" \
    "the live data was not touched"
  if swap_was_cut_off "$incoming"; then swap_data "$data" "$incoming" "$manifest" && return; fi
  require_folders
  install -d -m 0755 "$incoming"
  rm -f "$incoming/waiting" "$incoming/made-here"
  wrong=$(tell_apart "$@") || die "what arrived cannot be compared with what was sent" "the live data was not touched"
  [[ -z $wrong ]] || die "not all is there as it was sent: ${wrong%%$'\n'*}; run it again" "the live data was not touched"
  in_folder "$incoming" xargs -d '\n' -r rm -f -- <"$work/stale" ||
    die "$incoming has files that $user may not remove" "rm -r $incoming; the live data was not touched"
  mapfile -t new < <(sed -n 's/ .*//p' "$work/counts")
  remove_others "${new[@]}"
  waits=$(waits_for) || die "$waits" "the live data was not touched"
  while read -r folder new kept; do
    if ((kept == 0)); then continue; fi
    # In a folder of somebody else's the service user can put nothing.
    if [[ -z $waits && -z $(find "$data/$folder" -type d ! -user "$user" -print -quit) ]] && ((new < kept)); then
      parts+=("$folder")
    else
      bring_kept "$folder"
    fi
  done <"$work/counts"
  write_file "$incoming/parts" 0644 root:root <<<"$user ${parts[*]-}"
  write_file "$incoming/gone" 0644 root:root <"$work/gone"
  { manifest_head && cat "$work/lines" "$work/others"; } >"$work/manifest"
  write_file "$incoming/manifest" 0644 root:root <"$work/manifest"
  go_live_or_wait
}

# tell_apart FOLDER…: prints the path of a file that is not there as it was sent, as far as there is one. Makes the
# files `lines`, the new list's lines; `counts`, "FOLDER NEW KEPT" where something is new or gone; `kept` and `gone`,
# live files that stay and that do not; `stale`, what an earlier run gathered that is not wanted; `others`, the list's
# lines of folders that were not sent.
tell_apart() {
  local list=$manifest
  [[ -f $list ]] || list=/dev/null
  (cd "$work" && : >lines && : >counts && : >kept && : >gone && : >stale && : >others && awk -F '\t' -v folders="$*" '
    function top(path) { sub(/\/.*/, "", path); return path }
    function line(path, at) { print at "\t" sum[path] "\t" path >"lines"; done[path] }
    BEGIN { for (i = split(folders, each, " "); i; i--) sent[each[i]] }
    kind == "list" && /^#/ { next }
    kind == "list" && !(top($4) in sent) { print >"others"; next }
    kind == "list" { listed[$4] = $1 "\t" $2; sum[$4] = $3; next }
    kind == "sent" { if ($1 == "gone") gone[$4]; else { wanted[$4] = $1 "\t" $2; sum[$4] = $3 } next }
    { at = $1 "\t" $2; folder = top($3) }
    kind == "there" {
      if (!($3 in wanted)) print $3 >"stale"
      else if (wanted[$3] == at) { new[folder]++; line($3, at) }
      next
    }
    !(folder in sent) || ($3 in done) { next }
    $3 in gone { new[folder] += 0; print $3 >"gone"; next }
    ($3 in wanted ? wanted[$3] : listed[$3]) == at { kept[folder]++; line($3, at); print $3 >"kept"; next }
    { print $3; exit }
    END {
      for (path in wanted) if (!(path in done)) { print path; break }
      for (folder in new) print folder, new[folder], kept[folder] + 0 >"counts"
    }
  ' kind=list "$list" kind=sent sent kind=there <(data_files "$incoming" "$user") \
    kind=live <(data_files "$data" "$user"))
}

# bring_kept FOLDER: where all of a folder takes its place at once, what stays is there too, as links where that is
# possible.
bring_kept() {
  install -d -m 0755 -o "$user" "$incoming/$1"
  sed -n "\\|^$1/|p" "$work/kept" >"$work/bring"
  in_folder "$data" xargs -d '\n' -r cp -l --parents -t "$incoming" -- <"$work/bring" 2>/dev/null ||
    in_folder "$data" xargs -d '\n' -r cp -pu --parents -t "$incoming" -- <"$work/bring" ||
    die "what stays of $1 could not be copied" "the live data was not touched"
}
