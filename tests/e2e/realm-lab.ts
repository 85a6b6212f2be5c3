import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { localPath } from "../../ssh/local-socket";
import { bringGameData, offerDownloads, realmConfig } from "../lab/config";
import { withLock } from "../lab/lock";
import { Machine, paths, type Result } from "../lab/machine";
import { CHECKOUT, PROGRAM, Stack } from "../lab/pulumi";
import { lab } from "../server/on-machine";
import { names } from "./outside";

/** A lab host and the stack that manages it. */
export interface RealmLab {
  readonly machine: Machine;
  readonly stack: Stack;
}

/** `describe` for what needs the lab; elsewhere its tests report themselves skipped, with the reason. */
export const describeOnLab: typeof lab.describe = lab.describe;

/**
 * A host with nothing of ours on it but the repositories and downloads the lab offers, and a stack that never ran.
 */
export async function bareRealm(name: string, image = "bare"): Promise<RealmLab> {
  const machine = await Machine.fresh(name, image);
  await offerDownloads(machine);
  const stack = await new Stack({ work: mkdtempSync(join(tmpdir(), "realm-")) }).init();
  await stack.set(realmConfig(machine));
  return { machine, stack };
}

/** All that decides how a converged lab looks. */
function inputsKey(): string {
  const hash = createHash("sha256");
  for (const top of [...PROGRAM, "package-lock.json", "tests/lab"]) {
    const path = join(CHECKOUT, top);
    const files = /\.\w+$/.test(top)
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort();
    for (const file of files) hash.update(file.slice(CHECKOUT.length)).update("\0").update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}

/** Two test files may want it at the same time. */
const convergedLock = () => join(paths().cache, "converged.lock");
const convergedFolder = (key: string) => join(paths().cache, "converged", key);

/** Keeps a converged host and its stack's state, for the tests that start from there. */
export const keepConverged = (realm: RealmLab): Promise<void> => withLock(convergedLock(), () => keep(realm));

async function keep({ machine, stack }: RealmLab): Promise<void> {
  const key = inputsKey();
  const snapshot = `converged-${key}`;
  if (existsSync(convergedFolder(key))) return;
  for (const old of await Machine.snapshots()) if (old.startsWith("converged-")) await Machine.forget(old);
  rmSync(join(convergedFolder(key), ".."), { recursive: true, force: true });
  await machine.snapshot(snapshot);
  cpSync(stack.work, `${convergedFolder(key)}.new`, { recursive: true, filter: (path) => path !== stack.home });
  renameSync(`${convergedFolder(key)}.new`, convergedFolder(key));
  await machine.up();
}

/**
 * A converged host with both servers running, from the snapshot of these very inputs; made first where there is none.
 */
export async function convergedRealm(name: string): Promise<RealmLab> {
  const key = inputsKey();
  await withLock(convergedLock(), async () => {
    if (existsSync(convergedFolder(key))) return;
    const made = await bareRealm("converging");
    expectOk(await made.stack.up());
    await bringGameData(made.machine);
    expectOk(await made.stack.up());
    await keep(made);
    await destroyLab(made);
  });
  const machine = await Machine.fresh(name, `converged-${key}`);
  const work = mkdtempSync(join(tmpdir(), "realm-"));
  cpSync(convergedFolder(key), work, { recursive: true });
  const stack = await new Stack({ work }).init();
  await moveTo(machine, stack);
  return { machine, stack };
}

/**
 * All that differs is the address, and the name of the way to the databases that is made of it. Both are written into
 * the state: an `up` would run every step for them.
 */
async function moveTo(machine: Machine, stack: Stack): Promise<void> {
  const { config } = parse(readFileSync(stack.configFile, "utf8"));
  const was = String(config["trinitycore:host"].address);
  // The config's secret, the key that lets root in, is the same for all hosts of the lab; to set it would ask the
  // engine again.
  const plain = Object.entries(realmConfig(machine)).filter(([, value]) => typeof value !== "object");
  await stack.set(Object.fromEntries(plain));
  const wayTo = (host: string) => basename(localPath("", `root@${host}:22`));
  const state = await stack.must(["stack", "export", "--show-secrets", "--stack", stack.name]);
  const file = join(stack.work, "moved.json");
  const moved = state.replaceAll(was, machine.address).replaceAll(wayTo(was), wayTo(machine.address));
  writeFileSync(file, moved, { mode: 0o600 });
  await stack.must(["stack", "import", "--file", file, "--stack", stack.name]);
  rmSync(file);
}

export async function destroyLab(realm: RealmLab | undefined): Promise<void> {
  if (!realm) return;
  await realm.machine.destroy();
  rmSync(realm.stack.work, { recursive: true, force: true });
}

/** A run of the engine that has to succeed; its output is the message when it did not. */
export function expectOk({ code, stdout, stderr }: Result): string {
  if (code !== 0) throw new Error(`ended with ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** An `up` after which the preview is empty; its output. */
export async function upCompletes(stack: Stack): Promise<string> {
  const output = expectOk(await stack.up());
  expect(names(await stack.planned())).toEqual([]);
  return output;
}

/** An `up`, and the preview after it, in which nothing is planned: the outputs of both. */
export async function upAndPreview(stack: Stack): Promise<{ readonly output: string; readonly preview: string }> {
  const output = expectOk(await stack.up());
  const { code, stdout } = await stack.preview(["--expect-no-changes"]);
  expect([code, stdout]).toEqual([0, expect.anything()]);
  return { output, preview: stdout };
}
