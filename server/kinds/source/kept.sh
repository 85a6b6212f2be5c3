# shellcheck shell=bash
# What an update needs of the config while nobody is logged in: the patches, the custom SQL and the deploy key, as the
# last `up` sent them. They are files that root alone may read.

kept_folder() { printf '%s/source-files' "$STATE_DIR"; }

# sent_files FOLDER: the names of these files there, as a request has them.
sent_files() {
  [[ ! -d $1 ]] || find "$1" -mindepth 1 -maxdepth 1 -type f \( -name 'patch.*' -o -name 'sql.*' -o -name deployKey \) \
    -printf '%P\n' | sort -V
}

# keep_or_take: in an `up`, keeps what was sent; in what follows without it, takes what is kept. AGAIN says which.
keep_or_take() {
  local folder name
  folder=$(kept_folder)
  if [[ -n ${AGAIN-} ]]; then
    while IFS= read -r name; do
      cp "$folder/$name" "$REQUEST/$(if [[ $name == deployKey ]]; then echo secrets; else echo files; fi)/$name"
    done < <(sent_files "$folder")
    return
  fi
  if [[ -z $(sent_files "$REQUEST/files")$(has_secret deployKey && echo key) ]]; then
    rm -rf "$folder"
    return
  fi
  rm -rf "$folder.new"
  install -d -m 0700 "$folder.new"
  while IFS= read -r name; do cp "$REQUEST/files/$name" "$folder.new"; done < <(sent_files "$REQUEST/files")
  ! has_secret deployKey || (umask 077 && secret deployKey >"$folder.new/deployKey")
  sync "$folder.new"/* "$folder.new"
  rm -rf "$folder"
  mv -T "$folder.new" "$folder"
}

# check_kept: says what an update would lack. What `up` sends is compared, so only an `up` can tell. Where the checkout
# has other patches or SQL, `check_made_for` says that, and they are kept with it.
check_kept() {
  local folder
  folder=$(kept_folder)
  [[ -z ${AGAIN-} ]] || return 0
  if is_kept_otherwise patch "${record[patches]-}" "$(patches_sum)" ||
    is_kept_otherwise sql "${record[customSql]:-none}" "$(custom_sum)"; then
    say_without_effect "the patches and the custom SQL are not kept on the host for updates as they are"
  fi
  if has_secret deployKey; then
    secret deployKey | cmp -s - "$folder/deployKey" ||
      say_without_effect "the deploy key is not kept on the host for updates as it is"
  elif [[ -e $folder/deployKey ]]; then
    say_without_effect "a deploy key is kept on the host that the config has no more"
  fi
}
# is_kept_otherwise NAME RECORDED WANTED
is_kept_otherwise() { [[ $2 == "$3" && $(kept_sum "$1") != "$3" ]]; }
# kept_sum NAME: as the plan counts it (components/core/source.ts).
kept_sum() {
  local files
  mapfile -t files < <(sent_files "$(kept_folder)" | grep "^$1\.")
  ((${#files[@]})) || { printf none && return; }
  cat "${files[@]/#/"$(kept_folder)/"}" | sha256sum | cut -c 1-16
}
