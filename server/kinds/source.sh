# shellcheck shell=bash
# The checkout in ROOT/src: one commit of the wanted repository, whole and unchanged, with the patches and the custom
# SQL as a commit of their own on top. It begins with the tip of the branch. Later it moves to another commit only when
# the config names another repository, branch or commit, or when an update names one in TRINITY_MOVE_TO. What such an
# update needs of the config is kept on the host: nobody is logged in then.
# observed: repository, branch, commit, patches, custom SQL; changed and added files; owner; submodules; what is kept
#   on the host for updates: the patches, the SQL, the deploy key
# not observed: files that git ignores: a build may leave them; new commits of the branch: the checkout moves when you
#   say so

observe() {
  local said
  said=$(check_checkout)
  [[ -n $said ]] || return 0
  printf '%s\n' "$said"
  refuse_job_sandbox fetch
}

check_checkout() {
  local src=${ARG[root]-}/src file head url
  local -A record=()
  file=$(source_record)
  [[ -e $src ]] || { say "$src is missing" && return; }
  command -v git >/dev/null || { say "git is not installed, so $src cannot be looked at" && return; }
  know_home "${ARG[user]-}" || true
  head=$(present_commit) || { say "$src is not a whole git checkout" && return; }
  head=${head%%$'\n'*}
  read_fields "$file" record
  check_made_for
  check_kept
  check_owner "$src"
  if [[ -f $file && $head != "${record[head]-}" ]]; then
    say "$src is on ${head:0:12}, should be on $(short_id "${record[head]-}")"
    return
  fi
  check_changes
  check_submodules
  tell_unknown_sql
}

# check_made_for: compares what the checkout was made from with what is wanted now.
check_made_for() {
  url=$(in_src config remote.origin.url)
  [[ $url == "${ARG[repository]-}" ]] ||
    say "$src follows another repository: ${url:-none}, should be ${ARG[repository]-}"
  if [[ ! -f $file ]]; then
    say "it is not on record which commit $src should be on"
    return
  fi
  [[ ${record[branch]-} == "${ARG[branch]-}" ]] || say "$src is of branch ${record[branch]-}, should be ${ARG[branch]-}"
  if [[ -n $(wanted_commit) && ${record[base]-} != "$(wanted_commit)" ]]; then
    say "$src is at $(short_id "${record[base]-}"), should be at $(short_id "$(wanted_commit)")"
  elif [[ ${record[commit]-} != "${ARG[commit]-}" && -z ${ARG[commit]-} ]]; then
    say "$src is pinned to $(short_id "${record[commit]-}"), should be at the tip of ${ARG[branch]-}"
  fi
  [[ ${record[patches]-} == "$(patches_sum)" ]] || say "$src has other patches than $(patch_names)"
  [[ ${record[customSql]:-none} == "$(custom_sum)" ]] || say "$src has other custom SQL than $(custom_names)"
}

# wanted_commit: the commit in the config, else the one that an update moves to; empty where it may stay.
wanted_commit() { printf '%s' "${ARG[commit]:-${TRINITY_MOVE_TO-}}"; }

STATUS=(status --porcelain --ignore-submodules=none)
# When the real core is configured, cmake leaves its own log in the source tree.
OURS=(-- . ':(exclude,top)CMakeFiles')

check_owner() {
  local foreign
  foreign=$(find "$1" ! -user "${ARG[user]-}" -printf '%P (%u)\n' -quit 2>/dev/null)
  [[ -z $foreign ]] || say "$1 has files that are not ${ARG[user]-}'s: $foreign"
}

check_changes() {
  local seen changed shown more=""
  seen=$(in_src "${STATUS[@]}" --untracked-files=all "${OURS[@]}" 2>&1) || {
    say "${ARG[root]-}/src is damaged: $(tail -n 1 <<<"$seen")"
    return
  }
  [[ -n $seen ]] || return 0
  mapfile -t changed < <(cut -c 4- <<<"$seen")
  shown=$(printf ', %s' "${changed[@]:0:4}")
  ((${#changed[@]} <= 4)) || more=", …"
  say "${ARG[root]-}/src has ${#changed[@]} changed file$( ((${#changed[@]} == 1)) || echo s): ${shown:2}$more"
}

check_submodules() {
  local mark path
  # `git submodule status` takes fifteen processes, so it runs only when a submodule seems to be missing.
  ! as_user "${ARG[user]-}" bash -c "$(declare -f have_submodules); have_submodules \"\$1\"" bash "${ARG[root]-}/src" ||
    return 0
  while read -r mark path _; do
    [[ $mark != -* ]] || say "${ARG[root]-}/src lacks the submodule $path"
  done < <(in_src submodule status --recursive 2>/dev/null)
}

# have_submodules DIR: all submodules that .gitmodules names are there, and so are their own.
have_submodules() {
  local line
  [[ -f $1/.gitmodules ]] || return 0
  while IFS= read -r line; do
    [[ $line =~ ^[[:space:]]*path[[:space:]]*=[[:space:]]*(.*)$ ]] || continue
    if [[ ! -e $1/${BASH_REMATCH[1]}/.git ]] || ! have_submodules "$1/${BASH_REMATCH[1]}"; then return 1; fi
  done <"$1/.gitmodules"
}

# in_src ARGUMENT…: runs git in the checkout, without hooks, so that a look writes nothing there.
# shellcheck disable=SC2034 # as_user reads both
in_src() {
  local AS_USER_CWD AS_USER_ENV
  AS_USER_CWD=${ARG[root]-}/src
  AS_USER_ENV=(GIT_OPTIONAL_LOCKS=0 GIT_CEILING_DIRECTORIES="${ARG[root]-}")
  as_user "${ARG[user]-}" git -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"
}
# present_commit: prints the commit and its tree, when both are there.
present_commit() { [[ -d ${ARG[root]-}/src/.git ]] && in_src rev-parse HEAD 'HEAD^{tree}' 2>/dev/null; }

# tell_unknown_sql: hints at SQL in the checkout that git does not know. No release takes it, so that no SQL runs that
# the config does not name.
tell_unknown_sql() {
  local files
  mapfile -t files < <(in_src ls-files --others -- 'sql/custom/*.sql' 2>/dev/null)
  ((${#files[@]} == 0)) ||
    hint "${ARG[root]-}/src has SQL that goes into no release: $(printf '%s, ' "${files[@]:0:4}" | sed 's/, $//')$( ((${#files[@]} <= 4)) || echo ", …"); to have it applied, take it to your machine and name its folder: trinitycore:core.source.customSql"
}

custom_sum() { printf '%s' "${ARG[customSqlSum]:-none}"; }
custom_names() {
  local names
  list customSql names
  if ((${#names[@]})); then printf '%s' "$(IFS=, && echo "${names[*]}")"; else echo "none"; fi
}
patches_sum() { printf '%s' "${ARG[patchesSum]:-none}"; }
patch_names() {
  local names
  list patches names
  if ((${#names[@]})); then printf '%s' "$(IFS=, && echo "${names[*]}")"; else echo "none"; fi
}

apply() {
  local -A result=()
  [[ -d ${ARG[root]-} ]] || die "${ARG[root]-} is missing"
  command -v git >/dev/null || die "git is not installed"
  keep_or_take
  clean_checkout
  { present_commit >/dev/null && in_src status --porcelain >/dev/null 2>&1; } || new_checkout
  find_proxy || true
  # shellcheck disable=SC2154 # an associative array
  ARG[moveTo]=$(wanted_commit)
  # shellcheck disable=SC2154 # `here` is the folder of these scripts
  job_run fetch "${ARG[branch]-}" "$here/units/job.sh"
  read_fields "$JOB_DIR/fetch/result" result
  printf '%s\n' "repository=${ARG[repository]-}" "branch=${ARG[branch]-}" "commit=${ARG[commit]-}" \
    "patches=$(patches_sum)" "customSql=$(custom_sum)" \
    "base=${result[base]}" "head=${result[head]}" | write_file "$(source_record)" 0600 0:0
  note "${ARG[branch]-} at $(short_id "${result[head]}")$([[ ${result[head]} == "${result[base]}" ]] || echo " ($(short_id "${result[base]}") with $(patch_names))")"
}

# unattended: the part that needs the network, in a job. It writes `result`, which `apply` reads.
unattended() {
  local base head scratch
  if [[ -n ${ARG[look]-} ]]; then
    look_upstream
    return
  fi
  # shellcheck disable=SC2034 # the library's functions use it
  scratch=$(mktemp -d "$MEMORY_DIR/${JOB_PREFIX}git.XXXXXX")
  prepare_git
  if present_commit >/dev/null; then
    in_git remote set-url origin "${ARG[repository]-}"
  else
    in_git init -q
    in_git remote add origin "${ARG[repository]-}"
  fi
  base=$(base_commit) || exit
  head=$(patched_commit "$base") || exit
  keep_changes
  keep_sql "$head"
  move_to "$head"
  printf '%s\n' "base=$base" "head=$head" >"$REQUEST/result"
}

# clean_checkout: removes the locks that a killed git left behind, and gives all files to the service user.
clean_checkout() {
  local src owner
  src=${ARG[root]-}/src
  [[ -d $src/.git ]] || return 0
  find "$src/.git" -name '*.lock' -delete
  owner="${ARG[user]-}:$(id -gn "${ARG[user]-}")"
  # -execdir acts from each file's own folder: along a whole path somebody could put a link in the way meanwhile.
  find "$src" ! -user "${ARG[user]-}" ! -type f -execdir chown -h "$owner" {} +
  find "$src" ! -user "${ARG[user]-}" -type f -links 1 -execdir chown -h "$owner" {} +
  # A clone of a repository on the same host shares its files: chown would change their owner for both. So the service
  # user makes copies.
  # shellcheck disable=SC2016 # the other shell expands it
  as_user "${ARG[user]-}" find "$src" ! -user "${ARG[user]-}" -type f -links +1 -exec sh -c \
    'for file; do cp -p -- "$file" "$file.own" && mv -f -- "$file.own" "$file" || exit; done' sh {} +
}

# new_checkout: moves a half or broken checkout aside, whatever it holds, and makes an empty folder.
new_checkout() {
  local src aside
  src=${ARG[root]-}/src
  if [[ -e $src || -L $src ]]; then
    aside=$src.broken-$(date -u +%Y%m%d-%H%M%S)
    note "$src is moved aside to $aside"
    mv -T "$src" "$aside"
  fi
  make_own_folder "$src" "${ARG[user]-}:" ||
    die "$src could not be made" "${src%/*} should be root's: run \`pulumi up\` again"
}

# keep_changes: takes local changes out of the checkout, but keeps them as a patch beside it.
keep_changes() {
  local file
  in_git rev-parse -q --verify HEAD >/dev/null 2>&1 || return 0
  [[ -n $(in_git "${STATUS[@]}" "${OURS[@]}") ]] || return 0
  file=${ARG[root]-}/src.changes-$(date -u +%Y%m%d-%H%M%S).patch
  in_git add -A
  in_git diff --cached --binary --irreversible-delete --ignore-submodules HEAD | write_file "$file" 0644 0:0
  if [[ -s $file ]]; then note "local changes are taken out of the checkout and kept in $file"; else rm -f "$file"; fi
  in_git reset -q --hard HEAD
}

# keep_sql COMMIT: git overwrites a file that it ignores without a word, so a file that COMMIT would overwrite is set
# aside first.
keep_sql() {
  local names name stamp aside
  list customSql names
  stamp=$(date -u +%Y%m%d-%H%M%S)
  for name in "${names[@]}"; do
    [[ -n $(in_git ls-files --others -- "sql/custom/$name") &&
      $(in_git hash-object --no-filters -- "sql/custom/$name") != \
      "$(in_git rev-parse "$1:sql/custom/$name")" ]] || continue
    aside=${name%.sql}.before-$stamp.sql
    as_user "${ARG[user]-}" mv -nT -- "${ARG[root]-}/src/sql/custom/$name" "${ARG[root]-}/src/sql/custom/$aside"
    note "the checkout's own sql/custom/$name is kept as $aside beside it"
  done
}

# shellcheck disable=SC2154 # `asked` sets complaint
move_to() {
  in_git checkout -q -f -B "${ARG[branch]-}" "$1"
  in_git clean -q -ffd
  if [[ -f ${ARG[root]-}/src/.gitmodules ]]; then
    in_git submodule sync -q --recursive
    ask_repository "the submodules" submodule update -q --init --recursive --force --depth 1 ||
      ask_repository "the submodules" submodule update -q --init --recursive --force ||
      die "the submodules of ${ARG[repository]-} cannot be fetched" "${complaint[@]}" "$(proxy_advice "${complaint[@]}")"
    in_git submodule foreach -q --recursive 'git reset -q --hard && git clean -q -ffd'
  fi
}

manifest() { printf 'tree %s/src\n' "${ARG[root]-}"; }
drop() {
  case $1 in
    'tree /'*/*/src)
      rm -rf --one-file-system -- "${1#tree }" "$(kept_folder)" &&
        rm -f "$(source_record)" "$(update_record)" "$(failed_commits)" "$(last_update)"
      ;;
  esac
}
