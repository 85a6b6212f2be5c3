/** Gives the secrets of the config their values, a few at a time, until each kind was in each place that takes it. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entryPath } from "../../settings/paths";
import { passphrase, password, serverSetting } from "../../settings/rules";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";

/** Secrets by the config key that they are given to. */
export type Round = Readonly<Record<string, string>>;

const passwords = [
  "login.database.password",
  ...["characters", "world"].map((role) => `realms.wotlk.databases.${role}.password`),
  "backups.offsite.password",
];
/** Texts to the real core, and to the lab's. */
const settings = [
  ["login.settings", "IPLocationFile"],
  ["realms.wotlk.settings", "IPLocationFile"],
  ["realms.wotlk.settings", "Metric.ConnectionInfo"],
  ["realms.wotlk.settings", "Motd"],
  ["backups.offsite.environment", "B2_ACCOUNT_KEY"],
] as const;
/** 128 bits in hexadecimal, as the core is given it. */
const MASTER = "login.totpMasterSecret";
const TWO_FACTOR = "login.accounts.Espionage724.twoFactor";
const base32 = (bytes: Buffer): string => execFileSync("base32", ["-w0"], { input: bytes }).toString();
const PASSPHRASE = "host.ssh.privateKeyPassphrase";

/** What ssh-keygen takes: neither short nor very long. */
const forKey = (text: string) => passphrase(text) ?? (text.length > 4 && text.length < 500 ? undefined : "length");

export function rounds(kinds: Readonly<Record<string, string>>): Round[] {
  const values = Object.values(kinds);
  const queue = (taken: (text: string) => string | undefined) => values.filter((text) => taken(text) === undefined);
  const forPasswords = queue(password);
  const forSettings = queue((value) => serverSetting({ name: "Motd", value }));
  const forPassphrase = queue(forKey);
  const count = Math.ceil(Math.max(forPasswords.length / passwords.length, forSettings.length / settings.length));
  // A round's secrets are different ones; the last round begins again at the first kinds.
  const some = (from: readonly string[], round: number, keys: readonly string[]) =>
    keys.map((key, at): [string, string] => [key, from[(round * keys.length + at) % from.length] as string]);
  return Array.from({ length: count }, (_, round) =>
    Object.fromEntries([
      ...some(forPasswords, round, passwords),
      ...some(
        forSettings,
        round,
        settings.map(([key, entry]) => entryPath(key, entry)),
      ),
      ...some(forPassphrase, round, [PASSPHRASE]),
      [MASTER, randomBytes(16).toString("hex").toUpperCase()],
      [TWO_FACTOR, base32(randomBytes(20))],
    ]),
  );
}

/** Sets them. The passphrase is that of the key that logs in. */
export async function setSecrets(
  stack: Stack,
  machine: Machine,
  round: Round,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(round);
  await stack.set({
    ...Object.fromEntries(entries.map(([key, text]) => [`trinitycore:${key}`, { secret: text }])),
    "trinitycore:backups.offsite.repository": "b2:bucket:wow",
  });
  const text = round[PASSPHRASE];
  if (text === undefined) return round;
  const privateKey = withPassphrase(machine.privateKey, text);
  await stack.set({ "trinitycore:host.ssh.privateKey": { secret: privateKey } });
  return { ...round, "host.ssh.privateKey": privateKey };
}

/** The same key behind a passphrase. */
function withPassphrase(key: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "key-"));
  const file = join(folder, "key");
  writeFileSync(file, key, { mode: 0o600 });
  execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", text, "-f", file], { stdio: "ignore" });
  const result = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  return result;
}
