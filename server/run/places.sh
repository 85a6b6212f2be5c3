# shellcheck shell=bash
# Where the stack's own things lie on a server; steps/places.ts has the same for the program.

# shellcheck disable=SC2034 # who reads this uses them
STATE_DIR=${TRINITY_STATE_DIR:-/var/lib/trinity-stack} SCRIPTS_DIR=/usr/local/libexec/trinity-stack
# shellcheck disable=SC2034 # the same
RECEIPTS=$STATE_DIR/receipts
