# shellcheck shell=bash
# The stack's scripts on the host, and the mark that says which stack owns the host. The step runs from the copy that
# just arrived ($here).
# observed: each of the stack's scripts, by content, owner and mode; which stack owns the host
# not observed: receipts, by content: every look compares what matters in them, the token, the parameters and the owner

# shellcheck disable=SC2154 # the runner sets `here`
own_files() { (cd "$here" && find . -name requests -prune -o -type f -printf '%P\n' | sort); }

observe() {
  local folder version file owner changed
  local -A installed=()
  folder=${ARG[folder]-} version=${ARG[version]-}
  refuse_noexec "$folder"
  if [[ ! -d $folder/$version ]]; then
    say "the stack's scripts $version are not in $folder"
  elif [[ $(readlink "$folder/current") != "$version" ]]; then
    say "$folder/current points to $(readlink "$folder/current" || echo nothing), should point to $version"
  else
    # A few processes check all files: one process for each file would be most of a preview's work on the host.
    changed=$(cd "$here" && own_files | xargs sha256sum | (cd "$folder/$version" && sha256sum -c --quiet 2>/dev/null))
    while read -r owner file; do
      installed[$file]=$owner
    done < <(cd "$folder/$version" && find . -type f -printf '%u:%m %P\n')
    while read -r file; do
      if [[ -z ${installed[$file]-} ]]; then
        say "$folder/$version/$file is missing"
      elif [[ $'\n'$changed$'\n' == *$'\n'"$file: FAILED"$'\n'* ]]; then
        say "$folder/$version/$file is not what the stack put there"
      elif [[ ${installed[$file]} != root:?[045][045] ]]; then
        say "$folder/$version/$file may be changed by others than root"
      fi
    done < <(own_files)
  fi
  [[ $(cat "${ARG[state]-}/owner" 2>/dev/null) == "${ARG[stack]-}" ]] ||
    say "the host is marked as $(cat "${ARG[state]-}/owner" 2>/dev/null || echo "nobody's"), should be ${ARG[stack]-}'s"
}

apply() {
  local folder version new
  folder=${ARG[folder]-} version=${ARG[version]-}
  install -d -m 0755 "$folder"
  install -d -m 0700 "${ARG[state]-}"
  new=$(mktemp -d "$folder/.new.XXXXXX")
  (cd "$here" && tar -c --exclude=./requests .) | tar -x --no-same-owner -C "$new"
  find "$new" -type d -exec chmod 0755 {} +
  find "$new" -type f -name '*.sh' -exec chmod 0755 {} +
  find "$new" -type f ! -name '*.sh' -exec chmod 0644 {} +
  sync -f "$new"
  rm -rf "${folder:?}/$version"
  mv -T "$new" "$folder/$version"
  ln -s "$version" "$folder/.current.$$"
  mv -fT "$folder/.current.$$" "$folder/current"
  relabel -R "$folder"
  find "$folder" -mindepth 1 -maxdepth 1 ! -name current ! -name "$version" -exec rm -rf {} +
  arg stack | write_file "${ARG[state]-}/owner" 0600 0:0
  note "version $version"
}

manifest() {
  local parent=${ARG[folder]%/*}
  # Not every distribution has this parent folder, so the stack may have made it.
  if [[ ! -d $parent ]] || grep -Fxqs "above $parent" "$RECEIPTS/$STEP/manifest"; then printf 'above %s\n' "$parent"; fi
  printf 'folder %s\nfile %s/owner\n' "${ARG[folder]-}" "${ARG[state]-}"
}

drop() {
  case $1 in
    'above '*) rmdir --ignore-fail-on-non-empty "${1#above }" 2>/dev/null || true ;;
    'folder '*)
      forget_jobs
      rm -rf -- "${1#folder }"
      ;;
    'file '*) rm -f -- "${1#file }" ;;
  esac
}

# This step is the last to be destroyed. Receipts that Pulumi's state forgot (`pulumi state delete`) would stay for
# ever, so they are undone first.
settle() { undo_left; }

# The stack's own folder stays only when it holds records of what stays.
keeps() { rmdir --ignore-fail-on-non-empty "${ARG[state]-}"/{passwords,receipts,} 2>/dev/null || true; }
