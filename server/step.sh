#!/bin/bash
# The commands in stacks' states name this path: another one would plan an update of every step.
exec /bin/bash "${0%/*}/run/step.sh" "$@"
