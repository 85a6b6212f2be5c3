#!/bin/bash
# What trinity-tdb.service runs: fetches the world's content and unpacks it.
#   tdb.sh REQUEST_DIR     args: those of the tdb step, and name
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for library in "$here"/lib/*.sh; do
  # shellcheck source=/dev/null
  . "$library"
done

load_kind tdb
job_main "$1" bring
