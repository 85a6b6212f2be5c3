#!/bin/bash
# Says commands to the running worldserver: each line of standard input is a SOAP request in base64, each of them gets
# a line in answer.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"
# shellcheck source=server/actions/ask.sh
. "${BASH_SOURCE[0]%/*}/ask.sh"

has_login || die "the stack has no account on this host yet to talk to the worldserver with (${ARG[login]-})" \
  "run \`pulumi up\` once"
while IFS= read -r line; do base64 -d <<<"$line" | ask_line "${ARG[unit]-}"; done
