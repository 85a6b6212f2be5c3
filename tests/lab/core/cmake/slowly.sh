#!/bin/sh
# slowly.sh SECONDS COMMAND…: the launcher behind STANDIN_SLOW_BUILD.
sleep "$1"
shift
exec "$@"
