#!/bin/bash
# Units on servers name this path: another one would change their text, and restart what players are on.
exec /bin/bash "${0%/*}/units/rotate-logs.sh" "$@"
