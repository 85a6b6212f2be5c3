#!/bin/bash
# The host has the realm's name, and Debian's installer has put the name beside 127.0.1.1.
set -eu
echo '127.0.1.1 play.lab.test play' >>/etc/hosts
