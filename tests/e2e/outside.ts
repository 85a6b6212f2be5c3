import { connect } from "node:net";
import type { Machine } from "../lab/machine";
import type { PreviewStep } from "../lab/pulumi";

/** Whether a client reaches a TCP port. */
export function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

/** The resources a preview would change, by their names. */
export const names = (steps: readonly PreviewStep[]): string[] =>
  steps.map(({ urn }) => urn.split("::").pop() as string).sort();

/** How often someone logged in over SSH so far. */
export async function logins(machine: Machine): Promise<number> {
  return Number(await machine.sure("journalctl -q -t sshd --no-pager | grep -c 'Accepted publickey' || true"));
}

/** The process of a unit, which has to run. */
export const pidOf = (machine: Machine, unit: string): Promise<string> =>
  machine.sure(`systemctl show -P MainPID ${unit} | grep -vx 0`);

/** A password as the server's environment file has it. */
export async function passwordOf(machine: Machine, server: string, key: string): Promise<string> {
  const line = await machine.sure(`grep '^${key}=' /etc/trinity-stack/${server}.env`);
  return (JSON.parse(line.slice(key.length + 1)) as string).split(";")[3] as string;
}

/** Whether MariaDB lets this user in with this password; neither stands on a command line. */
export async function logsIn(machine: Machine, user: string, password: string): Promise<boolean> {
  const script = `f=$(mktemp) && trap 'rm -f "$f"' EXIT && cat >"$f" && mariadb --defaults-file="$f" -e 'SELECT 1'`;
  const file = `[client]\nuser=${user}\npassword="${password.replaceAll("\\", "\\\\")}"\nprotocol=socket\n`;
  return (await machine.exec(script, file)).code === 0;
}

/** Watches every command line and, but for the game servers' units' own, every environment on the server until it is ended. */
export async function watchProcesses(machine: Machine): Promise<{ end(): Promise<string> }> {
  await machine.sure(`cat >/run/watch.sh <<'SCRIPT'
while [ ! -e /run/watch.end ]; do
  ps -ewwo args
  for p in /proc/[0-9]*; do
    case $(cat $p/cgroup 2>/dev/null) in *authserver.service*|*worldserver.service*) ;; *) tr '\\0' '\\n' <$p/environ 2>/dev/null ;; esac
  done
  sleep 0.1
done 2>/dev/null | awk '!seen[$0]++ { print; fflush() }' >/run/watch.log
SCRIPT
rm -f /run/watch.end /run/watch.log; setsid sh /run/watch.sh </dev/null >/dev/null 2>&1 &`);
  return {
    end: () =>
      machine.sure(
        "touch /run/watch.end; while pgrep -f '^sh /run/watch.sh' >/dev/null; do sleep 0.1; done; cat /run/watch.log",
      ),
  };
}

/** A realm with its processes: the same after whatever should not touch it. */
export async function realmFromOutside(machine: Machine): Promise<unknown[]> {
  const sql = "SELECT user FROM mysql.global_priv ORDER BY user; SELECT name, address, port FROM authserver.realmlist";
  return [
    await machine.sure(`systemctl show -P MainPID authserver worldserver mariadb; systemctl is-enabled authserver worldserver
      firewall-cmd --list-ports; firewall-cmd --permanent --list-ports; readlink /var/lib/trinity/Projects/trinity-335/run
      mariadb -N -B -e '${sql}'`),
    await logsIn(machine, "worldserver", await passwordOf(machine, "worldserver", "TC_WORLD_DATABASE_INFO")),
    await reaches(machine.address, 8085),
  ];
}

/** Commits a change to the repository that the lab's realm is built from; its commit. */
export const commitToCore = (machine: Machine, change: string): Promise<string> =>
  machine.sure(
    `cd /srv/git/core && export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' && ${change} && git add -A && git -c user.name=T -c user.email=t@example.org commit -qm change && git push -q origin HEAD:3.3.5 && git rev-parse HEAD`,
  );
