#!/bin/bash
# What runs when the window opens: it applies the steps that waited for the window, as their receipts have them. Started
# by hand it does the same at once.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"

export TRINITY_WINDOW=open
# Databases and release come before the servers.
again_kinds again_step schema release service
