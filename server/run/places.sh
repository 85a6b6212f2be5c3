# shellcheck shell=bash
# shellcheck disable=SC2034 # the scripts that read this file use them
# The stack's own names on a host, each in one place; steps/places.ts has the first two for the program. A name must
# never change: hosts have things under it, and receipts name it, so all that has the old name would be left behind.

STATE_DIR=${TRINITY_STATE_DIR:-/var/lib/trinity-stack} SCRIPTS_DIR=/usr/local/libexec/trinity-stack
RECEIPTS=$STATE_DIR/receipts

# Gone when the host boots: what a server was started with, and locks. The locks are not in /run/lock: any user could
# make the folder there first, with links in it that root would follow.
RUNTIME_DIR=/run/trinity-stack
LOCK_DIR=${TRINITY_LOCK_DIR:-$RUNTIME_DIR/locks}
# In memory: the parameters and secrets of a step, while it runs.
MEMORY_DIR=${TRINITY_RUN_DIR:-/run}
REQUEST_TEMPLATE=$MEMORY_DIR/trinity-step.XXXXXX

# The names of jobs' units begin with this, also of units that only try or look at something. Drop-ins in
# `trinity-.service.d` apply to all of them.
JOB_PREFIX=trinity-
JOB_DIR=${TRINITY_JOB_DIR:-/run/trinity-jobs}
JOB_LOGS=${TRINITY_JOB_LOGS:-/var/log/trinity-stack}

# Makes a backup on demand; components/layout.ts has this name too, and makes the unit.
BACKUP_UNIT=trinity-backup-now
# What the operator is told: the alerts that wait to be sent, when each kind was sent last, what holds at present, and
# in `hook` where they go. Without room on the disk they wait in memory.
ALERTS=$STATE_DIR/alerts
ALERTS_IN_MEMORY=$RUNTIME_DIR/alerts
ALERT_UNIT=${JOB_PREFIX}alerts.service
ALERT_TAG=${JOB_PREFIX}alert
AUDIT_LOG=$JOB_LOGS/audit.log
# Servers that ended by themselves: noted when systemd starts them again, and what they left. The unit of each tells.
CRASH_UNIT=${JOB_PREFIX}crash@
CRASH_NOTES=$RUNTIME_DIR/crashes
CRASHES=$JOB_LOGS/crashes

# The account in MariaDB that loads a dump, for as long as that takes.
LOADER=${JOB_PREFIX}restore
# At boot, while a restore is at work.
RESTORE_BOOT_UNIT=${JOB_PREFIX}restore-boot.service
# Finishes or undoes at boot what going live left half done.
LIVE_BOOT_UNIT=trinity-going-live.service
# The file that keeps room free on MariaDB's disk while a release goes live.
KEPT_ROOM=${JOB_PREFIX}way-back

GUARD_UNIT=trinity-firewall-guard.service
GUARD_DIR=$STATE_DIR/firewall-guard
# What ufw shows beside the stack's rules.
UFW_COMMENT=trinity-stack

# The name of the stack's file in a folder of another program's settings: needrestart's, or the drop-ins of a unit that
# is not the stack's.
CONF_NAME=trinity-stack.conf
NEEDRESTART_DIR=/etc/needrestart/conf.d
NEEDRESTART_CONF=$NEEDRESTART_DIR/$CONF_NAME
# This is added to the name of a unit's file that the stack sets aside.
SET_ASIDE_SUFFIX=.before-trinity-stack
