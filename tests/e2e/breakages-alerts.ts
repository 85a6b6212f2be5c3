import { type Breakage, drift, UNITS } from "./breakage";

/** What tells the operator: the units that make and send alerts, and the look every ten minutes. */
export const alertBreakages: readonly Breakage[] = [
  {
    name: "alerts: the unit that tells of failed ones edited",
    quick: true,
    by: `sed -i 's/^ExecStart=.*/ExecStart=\\/bin\\/true/' '${UNITS}/trinity-alert@.service'; systemctl daemon-reload`,
    look: `cat '${UNITS}/trinity-alert@.service'`,
    warns: {
      alerts: drift(
        `${UNITS}/trinity-alert@.service lacks: ExecStart=/usr/local/libexec/trinity-stack/current/units/alert-unit.sh %i`,
        `${UNITS}/trinity-alert@.service has, and should not: ExecStart=/bin/true`,
      ),
    },
  },
  {
    name: "alerts: a hook that the config does not name",
    by: "umask 077; printf 'command\\nTrinity\\ndHJ1ZQ==\\n' >/var/lib/trinity-stack/alerts/hook",
    look: "ls /var/lib/trinity-stack/alerts/hook",
    warns: {
      alerts: drift("alerts are still sent, though the config names neither alerts.webhook nor alerts.command"),
    },
  },
  {
    name: "watch: its timer disabled",
    quick: true,
    by: "systemctl disable -q --now trinity-watch.timer",
    look: "systemctl is-enabled trinity-watch.timer; systemctl is-active trinity-watch.timer",
    warns: {
      watch: drift("trinity-watch.timer does not start when the host boots", "trinity-watch.timer is not running"),
    },
  },
];
