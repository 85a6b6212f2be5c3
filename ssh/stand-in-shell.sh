#!/bin/sh
# rsync starts this program in the place of ssh. It hands on the words that it was called with, each with a NUL behind
# it and one more at the end, and then all bytes in both directions: the stack's own connection takes them at the other
# ends of 3 and 4, which rsync hands down.
exec 5<&0
{
  printf '%s\0' "$@" ''
  exec cat <&5
} >&4 &
exec 4>&- 5<&-
# It ends when the far end does, as ssh does, also where its own input goes on.
cat <&3
kill "$!" 2>/dev/null
