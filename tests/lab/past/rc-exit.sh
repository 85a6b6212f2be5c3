#!/bin/bash
# A start-up file that ends with `exit 0`, as an installer left it.
set -eu
printf 'echo "nvm is ready"\nexit 0\n' >>/root/.bashrc
