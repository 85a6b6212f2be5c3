import { asked, type WithLayout, withLayout } from "../../components/layout";
import type { Settings } from "../../settings";
import { type Facts, factsQuestions } from "../../steps/facts";
import { load } from "../unit/settings/source";

/** A server's facts for plans; the lab's own unless the test says otherwise. */
export function facts(over: Partial<Facts> = {}): Facts {
  return {
    os: { id: "debian", versionId: "12", like: [], name: "Debian GNU/Linux 12 (bookworm)" },
    arch: "x86_64",
    cores: 2,
    memoryMB: 8192,
    swapMB: 0,
    diskFreeMB: 50000,
    selinux: "disabled",
    firewall: "firewalld",
    firewallUsed: "none",
    timezone: "UTC",
    clockAhead: 0,
    databases: undefined,
    storedDatabases: new Set(),
    databaseNames: new Map(),
    pageRealm: undefined,
    realmKeys: new Set(),
    passwords: new Map(),
    masterSecret: undefined,
    passwordRotation: 0,
    owner: "",
    installed: false,
    systemd: true,
    recorded: false,
    newConnections: undefined,
    noSchedules: new Map(),
    badSchedules: new Map(),
    late: [],
    ...over,
  };
}

export const fedoraFacts = facts({
  os: { id: "fedora", versionId: "43", like: [], name: "Fedora Linux 43 (Server Edition)" },
  selinux: "enforcing",
});

/** Settings with the names and places they have on a server that knows nothing of this stack. */
export const onLab = (settings: Settings): WithLayout => withLayout(settings, facts());

/** What a server is asked with by the program. */
export const askedOf = asked(load({}));
/** The script as it arrives at a server, for schedules to check too. */
export const questions = (schedules: readonly (readonly [string, string])[] = []): string =>
  factsQuestions(askedOf, schedules);

/** Where the config of a lab's realm has a database. */
export const databaseKey = (role: string): string =>
  role === "auth" ? "trinitycore:login.database" : `trinitycore:realms.wotlk.databases.${role}`;
