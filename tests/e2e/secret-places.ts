/**
 * Whatever a run of the engine could leave a secret in: what it printed, the state, processes, the journal, files of
 * both machines.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Machine, Result } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import { sampler, watchProcesses } from "./outside";
import type { RealmLab } from "./realm-lab";
import { leaks } from "./secret-search";

export type Places = Readonly<Record<string, string>>;

/** The realm's stack with a folder of its own for temporary files, so that all of them can be looked at. */
export function withOwnTemporaries({ stack }: RealmLab): Stack {
  const TMPDIR = join(stack.work, "tmp");
  mkdirSync(TMPDIR, { recursive: true });
  return new Stack({ work: stack.work, env: { TMPDIR } });
}

/** Runs these, and returns all places that they could have left something in. */
export async function placesOf(
  { machine, stack }: RealmLab,
  runs: (keep: (name: string, run: Promise<Result>) => Promise<Result>) => Promise<void>,
): Promise<Places> {
  const printed: Record<string, string> = {};
  const since = Date.now();
  await machine.sure("touch /run/secrets.since && sleep 1");
  const [there, here] = await Promise.all([watchProcesses(machine), watchHere(stack.work)]);
  const keep = async (name: string, run: Promise<Result>) => {
    const result = await run;
    printed[name] = result.stdout + result.stderr;
    return result;
  };
  await runs(keep);
  return {
    ...printed,
    "processes of the host": await there.end(),
    "command lines here": await here.end(),
    "the exported state": JSON.stringify(await stack.exported()),
    "files of the backend and of the engine, and temporary ones": filesHere(stack.work, since),
    ...(await placesOn(machine)),
  };
}

/** This machine's command lines; the environment of the engine and its program is the user's own to read. */
async function watchHere(folder: string): Promise<{ end(): Promise<string> }> {
  // Not for ever, should this program be killed.
  const child = spawn("timeout", ["900", "bash", "-c", sampler(folder, false)], { stdio: "ignore" });
  const ended = once(child, "close");
  while (!existsSync(join(folder, "watch.log"))) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    async end() {
      writeFileSync(join(folder, "watch.end"), "");
      await ended;
      return readFileSync(join(folder, "watch.log"), "utf8");
    },
  };
}

/**
 * The backend with its history, the config, the run's temporary files, the engine's own logs: whoever may read them.
 */
const filesHere = (work: string, since: number): string =>
  readdirSync(work, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("watch."))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).mtimeMs >= since)
    .map((file) => `${file}\n${plain(readFileSync(file))}`)
    .join("\n");
const plain = (file: Buffer) =>
  (file.length > 1 && file.readUInt16BE(0) === 0x1f8b ? gunzipSync(file) : file).toString();

/** A server that crashed leaves its memory to the user who ran it, and to root. */
const changed = "-xdev -type f -cnewer /run/secrets.since -size -16M ! '(' -name 'core*' -perm 600 ')'";
/** Where docs/secrets.md says that secrets rest. */
const restingPlaces = [
  "/etc/trinity-stack/*",
  "/var/lib/trinity-stack/passwords/*",
  "/var/lib/trinity-stack/master-secrets*",
  "/var/backups/trinity/*/master-secrets",
  "/var/lib/trinity-stack/source-files/*",
];

async function placesOn(machine: Machine): Promise<Places> {
  const files = (from: string, as = "") =>
    machine.sure(`${as} find ${from} -print0 2>/dev/null | ${as} xargs -0r tail -v -n +1 2>/dev/null; true`);
  const without = [...restingPlaces, "/var/lib/mysql/*", "/var/log/journal/*"]
    .map((path) => `! -path '${path}'`)
    .join(" ");
  return {
    "the host's journal": await machine.sure(
      "journalctl -q --no-pager -o export --since @$(stat -c %Y /run/secrets.since)",
    ),
    "files that the service user reads": await files(`/ /run /tmp /dev/shm ${changed}`, "runuser -u trinity --"),
    "the receipts' sums": await files(`/var/lib/trinity-stack/receipts/*/secrets ${changed}`),
    "MariaDB's files": await files(`/var/lib/mysql ${changed}`),
    "files that root reads": await files(`/ /run ${changed} ${without} ! -path '*/receipts/*/secrets'`),
  };
}

/**
 * What MariaDB keeps of a password, and what a receipt keeps of a secret, are sums of it, for root and MariaDB alone.
 */
const allowedHashes =
  /^(MariaDB's files: .*, as MariaDB's hash( in small letters)?|the receipts' sums: .*, as sha256)$/;

export const leaksIn = (places: Places, secrets: Readonly<Record<string, string>>): string[] =>
  leaks(places, secrets).filter((found) => !allowedHashes.test(found));
