#!/bin/bash
# Sends an alert to see whether it arrives, and waits for what comes of it.
# shellcheck source=server/actions/begin.sh
. "${BASH_SOURCE[0]%/*}/begin.sh"

[[ -f $ALERTS/hook ]] || die "alerts go nowhere but to the journal: the config names no hook" \
  "pulumi config set --secret --path trinitycore:alerts.webhook URL" "pulumi up"
rm -f "$ALERTS/sent/began.test."
alert test "A test, asked for by $(who_acts). All is well."
systemctl start --quiet "$ALERT_UNIT" 2>/dev/null
if [[ ! -f $ALERTS/sent/began.test. ]]; then
  why=$(head -c 300 "$ALERTS/failed" 2>/dev/null) || why=""
  die "${why:-it was not sent}" "what waits is tried again for a day: journalctl -u $ALERT_UNIT"
fi
note "sent"
