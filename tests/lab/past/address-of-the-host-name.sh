#!/bin/bash
# The server has the realm's name, and Debian's installer has put that beside 127.0.1.1.
set -eu
echo '127.0.1.1 play.lab.test play' >>/etc/hosts
