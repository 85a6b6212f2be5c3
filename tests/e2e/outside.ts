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

/** How often someone logged in over SSH so far; OpenSSH 10 speaks under another name. */
export async function logins(machine: Machine): Promise<number> {
  return Number(
    await machine.sure("journalctl -q -t sshd -t sshd-session --no-pager | grep -c 'Accepted publickey' || true"),
  );
}

/** The process of a unit, which has to run. */
export const pidOf = (machine: Machine, unit: string): Promise<string> =>
  machine.sure(`systemctl show -P MainPID ${unit} | grep -vx 0`);

/** A password as the server's environment file has it. */
export async function passwordOf(machine: Machine, server: string, key: string): Promise<string> {
  const line = await machine.sure(`grep '^${key}=' /etc/trinity-stack/${server}.env`);
  return (JSON.parse(line.slice(key.length + 1)) as string).split(";")[3] as string;
}

/** The stack's game account, which tells players of a restart; its login is in curl's config syntax. */
export async function announcerPassword(machine: Machine): Promise<string> {
  return /^user = "TRINITYSTACK:(.*)"$/m.exec(await machine.sure("cat /etc/trinity-stack/announcer"))?.[1] as string;
}

/** Whether MariaDB lets this user in with this password; neither stands on a command line. */
export async function logsIn(machine: Machine, user: string, password: string): Promise<boolean> {
  const script = `f=$(mktemp) && trap 'rm -f "$f"' EXIT && cat >"$f" && mariadb --defaults-file="$f" -e 'SELECT 1'`;
  const file = `[client]\nuser=${user}\npassword="${password.replaceAll("\\", "\\\\")}"\nprotocol=socket\n`;
  return (await machine.exec(script, file)).code === 0;
}

/**
 * An environment is read before the cgroup: a process that systemd starts comes into its unit's cgroup first, and is
 * given its environment then. One that is gone meanwhile is passed over.
 */
const environment = `
      held=() group=""
      mapfile -d '' -t held <"$process/environ"
      IFS= read -r -d '' group <"$process/cgroup"
      [[ -z $group || $group == *authserver.service* || $group == *worldserver.service* ]] || words+=("\${held[@]}")`;

/**
 * Notes each line of every process's command line, and of every environment but the game servers' own where that is
 * wanted, until `end` is there.
 */
export const sampler = (folder: string, environments: boolean): string => `
  rm -f ${folder}/watch.end ${folder}/watch.log
  while [[ ! -e ${folder}/watch.end ]]; do
    for process in /proc/[0-9]*; do
      words=()
      mapfile -d '' -t words <"$process/cmdline"${environments ? environment : ""}
      printf '%s\\n' "\${words[@]}"
    done
    sleep 0.05
  done 2>/dev/null | awk '!seen[$0]++ { print; fflush() }' >${folder}/watch.log`;

/** One that an earlier test left behind is ended too. */
const ended = "touch /run/watch.end; while pgrep -f '^bash /run/watch.sh' >/dev/null; do sleep 0.1; done";

/**
 * Watches every command line and, but for the game servers' units' own, every environment on the host until it is
 * ended.
 */
export async function watchProcesses(machine: Machine): Promise<{ end(): Promise<string> }> {
  await machine.sure(
    `${ended}; cat >/run/watch.sh; rm -f /run/watch.log; setsid bash /run/watch.sh </dev/null >/dev/null 2>&1 & until [ -e /run/watch.log ]; do sleep 0.1; done`,
    sampler("/run", true),
  );
  return {
    end: () => machine.sure(`${ended}; cat /run/watch.log; rm /run/watch.*`),
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
    `export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
    cd /srv/git && { [[ -d core ]] || git clone -q core.git core; } && cd core && ${change} && git add -A && git -c user.name=T -c user.email=t@example.org commit -qm change && git push -q origin HEAD:3.3.5 && git rev-parse HEAD`,
  );
