#!/bin/bash
# Updates the core from its branch, or to a `commit`, or says what would come.
#   update.sh check|now stack=… [commit=…]
# `check` prints what `upstream` of kinds/source finds.
verb=$1
shift
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
# The scripts that the stack has on the host know their receipts; those that came along may be of another version.
installed=$SCRIPTS_DIR/current
[[ -x $installed/units/update.sh ]] ||
  die "the stack's scripts on this host are too old for this" "run \`pulumi up\` first"
# shellcheck disable=SC2034 # the libraries read it
here=$installed

check() {
  local from said why
  require_first_up
  refuse_pinned "${ARG[commit]-}"
  from=$(field "$(update_record)" from)
  [[ -n $from ]] || from=$(field "$(source_record)" base)
  said=$(as_step source with_lock source upstream "${ARG[commit]-}" list "$from") || exit 1
  printf 'branch=%s\nfrom=%s\n%s\nwaits=%s\n' "$(as_step source arg branch)" "$from" "$said" \
    "$(field "$(update_record)" release)"
  ! why=$(why_failed "$(sed -n 's/^head=//p' <<<"$said")") || printf 'failed=%s\n' "$why"
  # Other libraries, or another compiler, than the live release was built with.
  as_step build observe 2>/dev/null | sed -n $'s/^drift-replacing: /anew\t/p'
}

# shellcheck disable=SC2034 # job_start reads them
now() {
  STEP=update REQUEST=$here_now/requests/update
  { mkdir -p "$REQUEST/"{secrets,files} && printf update >"$REQUEST/kind"; } ||
    die "the parameters could not be kept in $REQUEST" "is it full? df -h $REQUEST"
  # What would be refused is refused at once.
  (require_first_up && refuse_pinned "${ARG[commit]-}") || exit 1
  if job_join update "the update"; then
    [[ $(job_result update) == success ]] || exit 1
    return
  fi
  ARG[update]=yes
  job_start update "${ARG[commit]:-$(as_step source arg branch)}" "$installed/units/update.sh"
  job_await update
}
here_now=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)

case $verb in
  check | now) "$verb" ;;
  *) die "usage: update.sh check|now" ;;
esac
