# shellcheck shell=bash
# What every action begins with: the libraries, and what it was told, `name=value` words. A realm's things come under
# `page.` and `own.`, as only the host knows which of the two names it has (actions/names.ts).
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

declare -A ARG
for word; do ARG[${word%%=*}]=${word#*=}; done
owner=$(cat "$STATE_DIR/owner" 2>/dev/null) ||
  die "nothing of the stack is on this host yet, or it does not know whose it is" "run \`pulumi up\` first"
[[ -z ${ARG[stack]-} || ${ARG[stack]} == "$owner" ]] ||
  die "this host belongs to the stack $(printable "$owner"), not to ${ARG[stack]}" \
    "choose that one with --stack, or take it over: pulumi config set --path trinitycore:host.takeover true"
names=page
[[ ! -d $RECEIPTS/${ARG[receipt]-none} ]] || names=own
for word in "${!ARG[@]}"; do [[ $word != "$names".* ]] || ARG[${word#*.}]=${ARG[$word]}; done

# know_socket: MariaDB's, as its step has it; that of the servers says nothing of it where players are not told.
know_socket() {
  ARG[socket]=$(tr '\0' '\n' <"$RECEIPTS/${1-}/args" 2>/dev/null | sed -n 's/^socket=//p')
}
