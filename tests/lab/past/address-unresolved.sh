#!/bin/bash
# The realm's name is not in DNS yet.
set -eu
! getent ahostsv4 realm.invalid
