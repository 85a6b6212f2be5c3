import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Machine } from "./machine";

const CORE = join(__dirname, "core");

/**
 * What the lab's host offers instead of the internet: the core's repository and the archive of its world database.
 */
export async function offerDownloads(machine: Machine): Promise<void> {
  execFileSync(join(__dirname, "fixtures.sh"), [machine.name], { stdio: ["ignore", "ignore", "inherit"] });
  // The authserver drops a realm whose address it cannot resolve.
  await machine.sure("grep -q wow.lab.test /etc/hosts || echo '127.0.0.1 wow.lab.test new.lab.test' >>/etc/hosts");
}

type Values = Record<string, string | number | boolean | { secret: string }>;

/** What the wiki page sets of the worldserver's settings. */
const settings = {
  Motd: "Welcome to the Realm of Espionage World of Warcraft server!",
  "Quests.LowLevelHideDiff": -1,
  "Server.LoginInfo": 1,
  BirthdayTime: 1170471600,
};

/** The stack config of a realm in the lab. */
export const realmConfig = (machine: Machine): Values => ({
  ...configWithoutAccounts(machine),
  "trinitycore:login.accounts.Espionage724.level": 3,
});

/** The same for a host that may have an account of that name already. */
export const configWithoutAccounts = (machine: Machine): Values => ({
  "trinitycore:host.address": machine.address,
  "trinitycore:host.key": machine.hostKey,
  "trinitycore:host.ssh.privateKey": { secret: machine.privateKey },
  "trinitycore:core.source.repository": "/srv/git/core.git",
  "trinitycore:update.probe": 5,
  "trinitycore:realms.wotlk.tdb.source": "/srv/tdb/tdb.7z",
  "trinitycore:realms.wotlk.name": "RoE (WotLK)",
  "trinitycore:realms.wotlk.address": "wow.lab.test",
  "trinitycore:realms.wotlk.settings": JSON.stringify(settings),
});

/** The same in the keys of earlier versions, none of which is within another; the private key apart, as it is secret. */
export const earlierConfig = (machine: Machine): Readonly<Record<string, string>> => ({
  "trinitycore:host": machine.address,
  "trinitycore:hostKey": machine.hostKey,
  "trinitycore:source.repository": "/srv/git/core.git",
  "trinitycore:tdb.source": "/srv/tdb/tdb.7z",
  "trinitycore:realm.name": "RoE (WotLK)",
  "trinitycore:realm.address": "wow.lab.test",
  "trinitycore:worldserver.settings": JSON.stringify(settings),
});

/** Made-up game data, as an operator would bring it. */
export async function bringGameData(machine: Machine): Promise<void> {
  const made = execFileSync(
    "bash",
    [
      "-c",
      `d=$(mktemp -d) && chmod 755 "$d" && "$1"/make-data.sh "$d" >&2 && tar -C "$d" -c . && rm -rf "$d"`,
      "-",
      CORE,
    ],
    {
      maxBuffer: 256 << 20,
    },
  );
  const root = "/var/lib/trinity/Projects/trinity-335/data";
  await machine.sure(`base64 -d | tar -x -C ${root} && chown -R trinity:trinity ${root}`, made.toString("base64"));
}
