#!/bin/bash
# The releases that there are (`verb` list), the way back to one of them (back, to `release`), and the way forward again
# to one that was held back (retry). `schema` is the receipt that knows the databases.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"

completed "${ARG[schema]-none}" || die "no release is live on this host yet" "run \`pulumi up\` first"
case ${ARG[verb]-} in
  list) as_step "${ARG[schema]}" list_releases ;;
  back) as_step "${ARG[schema]}" go_back_to "${ARG[release]-}" ;;
  retry) as_step "${ARG[schema]}" try_again ;;
  *) die "no such verb: ${ARG[verb]-}" ;;
esac
