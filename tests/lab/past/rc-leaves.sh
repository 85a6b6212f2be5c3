#!/bin/bash
# A start-up file that leaves a program running, with the connection's own output.
set -eu
echo 'sleep 40 &' >>/root/.bashrc
