# shellcheck shell=bash
# shellcheck disable=SC2034 # the scripts that read this file use them
# The stack's own names on a host, each written once; steps/places.ts has the first two for the program.
# Hosts know them, and receipts name them: another one leaves behind what stands under the present one.

STATE_DIR=${TRINITY_STATE_DIR:-/var/lib/trinity-stack} SCRIPTS_DIR=/usr/local/libexec/trinity-stack
RECEIPTS=$STATE_DIR/receipts

# Gone when the host boots: what a server was started with, and locks. The locks are not in /run/lock, as any user could
# make the folder there first, and root would follow the links in it.
RUNTIME_DIR=/run/trinity-stack
LOCK_DIR=${TRINITY_LOCK_DIR:-$RUNTIME_DIR/locks}
# In memory: the parameters and secrets of a step, while it runs.
MEMORY_DIR=${TRINITY_RUN_DIR:-/run}
REQUEST_TEMPLATE=$MEMORY_DIR/trinity-step.XXXXXX

# The units of jobs begin with this, and so do those that only try or look at something; drop-ins of
# `trinity-.service.d` hold for all of them.
JOB_PREFIX=trinity-
JOB_DIR=${TRINITY_JOB_DIR:-/run/trinity-jobs}
JOB_LOGS=${TRINITY_JOB_LOGS:-/var/log/trinity-stack}

GUARD_UNIT=trinity-firewall-guard.service
GUARD_DIR=$STATE_DIR/firewall-guard
# What ufw shows beside a rule of the stack's.
UFW_COMMENT=trinity-stack

# The stack's file in a folder of another's settings: needrestart's, or the drop-ins of a unit that is not its own.
CONF_NAME=trinity-stack.conf
NEEDRESTART_DIR=/etc/needrestart/conf.d
NEEDRESTART_CONF=$NEEDRESTART_DIR/$CONF_NAME
# What follows the name of a unit's file that the stack set aside.
SET_ASIDE_SUFFIX=.before-trinity-stack
