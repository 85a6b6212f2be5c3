# shellcheck shell=bash
# What the branch has that is not checked out yet. Looking changes neither the checkout nor what is built of it.

# upstream [COMMIT] [list]: asks the repository, in the job that may. Fills UPSTREAM with `base` (COMMIT, or the tip of
# the branch) and `head` (with the patches on top); with `list` what comes is in the file UPSTREAM[list].
upstream() {
  [[ -d ${ARG[root]-}/src/.git ]] || die "nothing is checked out yet" "run \`pulumi up\` first"
  clean_checkout
  AGAIN=yes keep_or_take
  find_proxy || true
  # shellcheck disable=SC2154 # an associative array
  ARG[look]=yes ARG[lookFor]=${ARG[commit]:-${1-}} ARG[lookFrom]=${3-} ARG[list]=${2-}
  # shellcheck disable=SC2154 # `here` is the folder of these scripts
  job_run fetch "${ARG[branch]-}" "$here/units/job.sh" >&2
  cat "$JOB_DIR/fetch/result"
}

# look_upstream: the part that needs the network. Without --depth git fetches the commits since the one that is checked
# out, as the history ends there.
look_upstream() {
  local base head scratch
  # shellcheck disable=SC2034 # the library's functions use it
  scratch=$(mktemp -d "$MEMORY_DIR/${JOB_PREFIX}git.XXXXXX")
  prepare_git
  in_git remote set-url origin "${ARG[repository]-}"
  base=${ARG[lookFor]-}
  if [[ -z $base ]] || ! has_commit "$base"; then
    ask_repository "fetching" fetch --progress --no-tags origin \
      "+refs/heads/${ARG[branch]-}:refs/remotes/origin/${ARG[branch]-}" || die_of_fetch
    [[ -n $base ]] || base=$(in_git rev-parse FETCH_HEAD)
    has_commit "$base" || fetch_commit "$base"
  fi
  head=$(patched_commit "$base") || exit
  {
    printf '%s\n' "base=$base" "head=$head"
    [[ -z ${ARG[list]-} ]] || list_changes "${ARG[lookFrom]-}" "$base"
  } >"$REQUEST/result"
}

# list_changes FROM TO: prints a line for each commit (`commit ID SUBJECT`), SQL file (`sql DATABASE NAME`) and key of a
# .conf.dist (`key SERVER added|removed|changed NAME VALUE`), with tabs between.
list_changes() {
  local from=$1 to=$2 file
  [[ $from != "$to" ]] || return 0
  in_git log --no-show-signature --format=$'commit\t%H\t%s' "$from..$to"
  in_git diff --no-renames --name-only --diff-filter=AM "$from" "$to" -- 'sql/updates/*.sql' |
    sed -nE $'s|^sql/updates/([^/]+)/(.*)$|sql\t\\1\t\\2|p'
  in_git diff --no-renames --name-only "$from" "$to" -- '*.conf.dist' | while IFS= read -r file; do
    changed_defaults "$(basename "$file" .conf.dist)" \
      <(in_git show "$from:$file" 2>/dev/null) <(in_git show "$to:$file" 2>/dev/null)
  done
}

# changed_defaults SERVER OLD NEW
changed_defaults() {
  LC_ALL=C awk -v OFS='\t' -v server="$1" '
    !match($0, /^[ \t]*[A-Za-z][A-Za-z0-9._]*[ \t]*=/) { next }
    {
      key = value = $0
      sub(/[ \t]*=.*/, "", key); sub(/^[ \t]*/, "", key)
      sub(/^[^=]*=[ \t]*/, "", value); sub(/[ \t\r]*$/, "", value)
      if (file == "new") new[key] = value; else old[key] = value
    }
    END {
      for (key in new) if (!(key in old)) print "key", server, "added", key, new[key]
        else if (new[key] != old[key]) print "key", server, "changed", key, old[key] " -> " new[key]
      for (key in old) if (!(key in new)) print "key", server, "removed", key, old[key]
    }' file=old "$2" file=new "$3" | LC_ALL=C sort
}
