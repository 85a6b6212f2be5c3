#!/bin/bash
# The releases that there are (`verb` list), the way back to one of them (back, to `release`), and the way forward again
# to one that was held back (retry). `schema` is the receipt that knows the databases.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"

# audited ACTION FUNCTION [WORDS]: nothing follows a `||` here, as bash would then go on where FUNCTION has to end.
audited() {
  local ended outcome="done"
  as_step "${ARG[schema]}" "${@:2}"
  ended=$?
  ((ended == 0)) || outcome=failed
  audit "$1" "$outcome" "${3-}"
  return "$ended"
}

completed "${ARG[schema]-none}" || die "no release is live on this host yet" "run \`pulumi up\` first"
case ${ARG[verb]-} in
  list) as_step "${ARG[schema]}" list_releases ;;
  back) audited rollback go_back_to "${ARG[release]-}" ;;
  retry) audited retry try_again ;;
  *) die "no such verb: ${ARG[verb]-}" ;;
esac
