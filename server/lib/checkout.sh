# shellcheck shell=bash
# git over the network, for the checkout in ROOT/src: finds the commit that is wanted, fetches it, and puts the patches
# and the custom SQL on top.

# prepare_git: writes a git configuration for this run alone, and the deploy key where only the service user can read
# it.
# shellcheck disable=SC2154 # `scratch` is the caller's
prepare_git() {
  local user ssh="ssh -F /dev/null -o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=yes"
  user=${ARG[user]-}
  {
    printf '[include]\n\tpath = ~/.gitconfig\n[http]\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 60\n[advice]\n\tdetachedHead = false\n'
    # Submodules may be files only where the repository itself is on this host.
    [[ ${ARG[repository]-} != /* && ${ARG[repository]-} != file://* ]] ||
      printf '[safe]\n\tdirectory = *\n[protocol "file"]\n\tallow = always\n'
  } >"$scratch/config"
  if [[ -n ${ARG[knownHosts]-} ]]; then
    printf '%s\n' "${ARG[knownHosts]-}" >"$scratch/known_hosts"
    ssh+=" -o UserKnownHostsFile=$scratch/known_hosts"
  fi
  if has_secret deployKey; then
    (umask 077 && secret deployKey >"$scratch/key")
    chown "$user" "$scratch/key"
    ssh+=" -i $scratch/key -o IdentitiesOnly=yes"
  fi
  chmod 0711 "$scratch"
  find_proxy
  git_env=(GIT_TERMINAL_PROMPT=0 GIT_CONFIG_GLOBAL="$scratch/config" GIT_SSH_COMMAND="$ssh" GIT_CEILING_DIRECTORIES="${ARG[root]-}")
}

git_env=() git_more=()
# shellcheck disable=SC2034 # as_user reads them
in_git() {
  local AS_USER_CWD AS_USER_ENV=("${git_env[@]}" "${git_more[@]}") AS_USER_PRIVATE=("${PROXY[@]}")
  AS_USER_CWD=${ARG[root]-}/src
  as_user "${ARG[user]-}" git "$@"
}

# ask_repository WHAT COMMAND…: runs a git command that talks to the repository. Shows its progress; keeps its
# complaints in `complaint` for the error.
complaint=()
ask_repository() {
  local what=$1 rc=0 why
  shift
  in_git "$@" 2>&1 | tee "$scratch/said" | percent_notes "$what" "Receiving objects" >&2 || rc=$?
  mapfile -t complaint \
    < <(tr '\r' '\n' <"$scratch/said" | { grep -E '^(fatal|error|remote|ssh|Host|.*denied)' || true; } | tail -n 5 |
    without_passwords)
  ! why=$(why_unrunnable "$rc") || complaint=("git: $why")
  if ((rc)) && was_unreached "${complaint[@]}" && package_managers_proxy; then
    ask_repository "$what" "$@"
  else
    return "$rc"
  fi
}

# base_commit: prints the commit that the config or an update, the record or the branch name, and fetches it when it is
# missing.
base_commit() {
  local record base=""
  record=$(source_record)
  if [[ -n ${ARG[moveTo]-} ]]; then
    base=${ARG[moveTo]-}
  elif [[ -f $record ]]; then
    if [[ $(field "$record" repository) == "${ARG[repository]-}" && $(field "$record" branch) == "${ARG[branch]-}" &&
      -z $(field "$record" commit) ]]; then
      base=$(field "$record" base)
    fi
  else
    base=$(present_base)
  fi
  if [[ -n $base ]]; then
    has_commit "$base" || fetch_commit "$base"
  else
    fetch_tip
    base=$(in_git rev-parse FETCH_HEAD)
  fi
  printf '%s' "$base"
}

has_commit() { in_git cat-file -e "$1^{commit}" 2>/dev/null && in_git rev-parse -q --verify "$1^{tree}" >/dev/null; }

# present_base: without a record, a checkout of the wanted branch is kept as it is; prints its commit.
present_base() {
  local at
  [[ $(in_git symbolic-ref -q --short HEAD) == "${ARG[branch]-}" ]] || return 0
  at=$(in_git rev-parse -q --verify HEAD) || return 0
  # The stack's own commit holds the patches; its parent is the repository's.
  if [[ $(in_git show -s --format=%ce "$at") == "$PATCHER" ]]; then
    at=$(in_git rev-parse -q --verify "$at^") || return 0
  fi
  printf '%s' "$at"
}

fetch_tip() {
  note "fetching the tip of ${ARG[branch]-}" >&2
  ask_repository "fetching" fetch --progress --no-tags --depth 1 origin \
    "+refs/heads/${ARG[branch]-}:refs/remotes/origin/${ARG[branch]-}" || die_of_fetch
}

# Some repositories give no commit but a branch's tip; then the branch's whole history is fetched.
fetch_commit() {
  note "fetching $(short_id "$1")" >&2
  ask_repository "fetching" fetch --progress --no-tags --depth 1 origin "$1" && return
  [[ ${complaint[*]} != *unable\ to\ access* && ${complaint[*]} != *Could\ not\ read* ]] || die_of_fetch
  note "fetching the history of ${ARG[branch]-}, as the repository does not give $(short_id "$1") alone" >&2
  local deep=()
  [[ $(in_git rev-parse --is-shallow-repository) != true ]] || deep=(--unshallow)
  ask_repository "fetching" fetch --progress --no-tags "${deep[@]}" origin \
    "+refs/heads/${ARG[branch]-}:refs/remotes/origin/${ARG[branch]-}" || die_of_fetch
  has_commit "$1" ||
    die "${ARG[repository]-} has no commit $1 on branch ${ARG[branch]-}" "it is set in trinitycore:core.source.commit"
}

die_of_fetch() {
  if [[ ${complaint[*]} == *"find remote ref"* ]]; then
    die "${ARG[repository]-} has no branch ${ARG[branch]-}" "it is set in trinitycore:core.source.branch"
  fi
  local way
  mapfile -t way < <(proxy_advice "${complaint[@]}")
  die "${ARG[repository]-} cannot be fetched from this host" "${complaint[@]}" "${way[@]}" \
    "it is set in trinitycore:core.source.repository"
}

# patched_commit BASE: prints the commit to check out. Patches and custom SQL become one commit with a fixed author and
# date: the same patches on the same base give the same commit, the tree is clean, and the binaries name their exact
# revision.
PATCHER=stack@localhost
patched_commit() {
  local base=$1 names customs i git_more date tree
  list patches names
  list customSql customs
  ((${#names[@]} + ${#customs[@]})) || { printf '%s' "$base" && return; }
  date=$(in_git show -s --format=%cI "$base")
  git_more=(GIT_INDEX_FILE="${ARG[root]-}/src/.git/patch-index" GIT_AUTHOR_NAME="trinitycore stack" GIT_AUTHOR_EMAIL="$PATCHER"
    GIT_AUTHOR_DATE="$date" GIT_COMMITTER_NAME="trinitycore stack" GIT_COMMITTER_EMAIL="$PATCHER" GIT_COMMITTER_DATE="$date")
  in_git read-tree "$base"
  require_arrived patch "${#names[@]}" "$(patches_sum)" "the patches"
  require_arrived sql "${#customs[@]}" "$(custom_sum)" "the custom SQL"
  for i in "${!names[@]}"; do
    install -m 0644 "$REQUEST/files/patch.$((i + 1))" "$scratch/patch"
    patch_fits 2>"$scratch/said" || die_of_patch "${names[i]}" "$(short_id "$base")"
  done
  for i in "${!customs[@]}"; do
    install -m 0644 "$REQUEST/files/sql.$((i + 1))" "$scratch/sql"
    in_git update-index --add --cacheinfo \
      "100644,$(in_git hash-object -w --no-filters "$scratch/sql"),sql/custom/${customs[i]}"
  done
  tree=$(in_git write-tree)
  in_git commit-tree "$tree" -p "$base" -m \
    "Patches of the stack: $(patch_names)$( ((${#customs[@]} == 0)) || printf '; SQL: %s' "$(custom_names)")"
}
# The service user's git configuration must not change what a patch does.
patch_fits() { in_git -c apply.ignoreWhitespace=no apply --cached --whitespace=nowarn "$@" "$scratch/patch"; }
patch_would_fit() { patch_fits --check "$@" 2>/dev/null; }

# die_of_patch NAME COMMIT: ends the step with the reason, as far as it can be found.
die_of_patch() {
  local name=$1 commit=$2 where="it is set in trinitycore:core.source.patches"
  mapfile -t complaint < <(head -n 6 "$scratch/said")
  ! patch_would_fit --reverse ||
    die "$commit already has what the patch $name does" "take it out of trinitycore:core.source.patches"
  sed -i 's/\r$//' "$scratch/patch"
  ! patch_would_fit || die "the patch $name has the line ends of Windows, the sources have not: it does not apply to $commit" \
    "on your machine: sed -i 's/\r\$//' $name" "$where"
  sed -i 's/$/\r/' "$scratch/patch"
  ! patch_would_fit || die "the sources have the line ends of Windows, the patch $name has not: it does not apply to $commit" \
    "make it anew, byte for byte: git diff --output=$name" "$where"
  die "the patch $name does not apply to $commit" "${complaint[@]}" "$where"
}

# require_arrived NAME COUNT SUM WHAT: ends the step unless all the request's files arrived as they were sent.
require_arrived() {
  local i files=()
  (($2)) || return 0
  for ((i = 1; i <= $2; i++)); do files+=("$REQUEST/files/$1.$i"); done
  [[ $(cat "${files[@]}" | sha256sum | cut -c 1-16) == "$3" ]] ||
    die "$4 did not arrive whole" "run \`pulumi up\` again"
}
