#!/bin/bash
# What trinity-fetch.service runs: git, over the net, for the checkout.
#   fetch.sh REQUEST_DIR     args and secrets: those of the source step; leaves `result` there
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for library in "$here"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$library"
done

load_kind source
job_main "$1" fetch_source
