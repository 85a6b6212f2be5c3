#!/bin/bash
# A start-up file that waits for an answer, terminal or not.
set -eu
echo "echo -n \"Attach to which session? \"; sleep 70" >>/root/.bashrc
