#!/bin/bash
# Says commands to the running worldserver: each line of standard input is a SOAP request in base64, each of them gets
# a line in answer.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
# shellcheck source=server/actions/ask.sh
. "${BASH_SOURCE[0]%/*}/ask.sh"

has_login || die "the stack has no account on this host yet to talk to the worldserver with (${ARG[login]-})" \
  "run \`pulumi up\` once"
while IFS= read -r line; do
  answer=$(base64 -d <<<"$line" | ask_line "${ARG[unit]-}") || exit 1
  printf '%s\n' "$answer"
  # Its first words alone: passwords may follow.
  audit console "$(cut -d ' ' -f 3 <<<"$answer" | sed 's/^200$/done/; s/^500$/refused/; s/^[0-9].*/unknown/')" \
    "$(base64 -d <<<"$line" | sed -nE 's/.*<command>([^ <]*( [^ <]*)?).*/\1/p')"
done
