import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configWithoutAccounts, offerDownloads } from "../../lab/config";
import { Machine } from "../../lab/machine";
import { CHECKOUT, Stack } from "../../lab/pulumi";
import { difference, type Inventory, noDifference, takeInventory } from "../../support/inventory";
import { explainedBy, keptAfterDestroy, manifestLines } from "../../support/receipts";
import { names } from "../outside";
import { type PreviewWords, preview } from "../preview";
import { destroyLab, expectOk, type RealmLab } from "../realm-lab";
import { errorOf } from "../refused";

type Config = Parameters<Stack["set"]>[0];

/** A host that somebody set up before the stack comes to it, and what the stack has to make of it. */
export interface Past {
  /** Its script, `tests/lab/past/<name>.sh`, is run on the host as root. */
  readonly name: string;
  /** The script of several rows, with what each gives it. */
  readonly script?: readonly [name: string, ...words: string[]];
  /** Where in the table, or of what kind it is; for the test's title. */
  readonly what: string;
  /** The lab's image that it begins with; `baked` (Debian 12 with the packages) when not given. */
  readonly image?: string;
  /** Where its sshd listens; 22 when not given. */
  readonly sshPort?: number;
  readonly config?: Config | ((machine: Machine) => Config);
  /** Lines of the first preview, each somewhere in it. */
  readonly expectWords?: readonly (string | RegExp)[];
  /** Refused in the preview and in `up`, with all these words, before anything is touched. */
  readonly refused?: readonly (string | RegExp)[];
  /** What has to succeed on the host once `up` is through; bash, as root. */
  readonly holds?: string;
  /** What else the stack makes there and says so, as a line of a manifest. */
  readonly own?: readonly string[];
  /** Small enough for `npm test`. */
  readonly quick?: true;
}

export const scriptOf = (name: string): string => readFileSync(join(CHECKOUT, `tests/lab/past/${name}.sh`), "utf8");

/** A host with that past, and a stack that never saw it. */
export async function withPast(past: Past, machineName: string): Promise<RealmLab> {
  const { name, script: [script, ...words] = [name], image = "baked", sshPort = 22, config = {} } = past;
  const machine = await Machine.fresh(machineName, image);
  await offerDownloads(machine);
  await machine.sure(["bash -s", ...words].join(" "), scriptOf(script));
  const stack = await new Stack({ work: mkdtempSync(join(tmpdir(), "past-")) }).init();
  await stack.set({
    ...configWithoutAccounts(machine),
    "trinitycore:host.ssh.port": sshPort,
    ...(typeof config === "function" ? config(machine) : config),
  });
  return { machine, stack };
}

const lines = (look: PreviewWords): string =>
  [...Object.values(look.tells), ...Object.values(look.warns)].flat().join("\n");
const says = (text: string, wanted: readonly (string | RegExp)[]) => {
  for (const part of wanted)
    expect(text).toEqual(part instanceof RegExp ? expect.stringMatching(part) : expect.stringContaining(part));
};

/**
 * The whole life of a stack on a host with that past: preview, `up`, again nothing to do, a repair, `destroy`; or
 * that it is refused.
 */
export async function testPast(past: Past, machineName: string): Promise<void> {
  const realm = await withPast(past, machineName);
  const { machine, stack } = realm;
  try {
    await firstLogin(past, machine);
    const before = await takeInventory(machine);
    if (past.refused) {
      says(errorOf(await stack.preview()), past.refused);
      says(errorOf(await stack.up()), past.refused);
      expect(difference(before, await takeInventory(machine))).toEqual(noDifference);
    } else {
      says(lines(await preview(stack)), past.expectWords ?? []);
      expect(difference(before, await takeInventory(machine))).toEqual(noDifference);
      await converge(past, realm, before);
    }
    await expectLogin(machine, past.sshPort);
  } finally {
    await destroyLab(realm);
  }
}

/**
 * `up` makes what its receipts say and nothing else, a repair no more than that, and `destroy` leaves what it says it
 * keeps.
 */
async function converge({ holds, image = "baked", own = [] }: Past, { machine, stack }: RealmLab, before: Inventory) {
  // On a bare host the packages bring their own files, accounts and services.
  const changes = async (given: readonly string[]) => {
    const found = difference(before, await takeInventory(machine), explainedBy([...given, ...own]));
    if (image === "baked") return found;
    // Which of those that are there get a newer version, the preview has said.
    return {
      ...found,
      added: [],
      changed: found.changed.filter((line) => !/^(package|link \/etc\/alternatives\/)/.test(line)),
    };
  };
  expectOk(await stack.up());
  const made = await manifestLines(machine);
  expect(await changes(made)).toEqual(noDifference);
  if (holds) await machine.sure(holds);
  expect(names(await stack.planned())).toEqual([]);
  await machine.sure("systemctl stop authserver; rm /etc/systemd/system/trinity-logs.timer");
  expectOk(await stack.up());
  expect(await changes(made)).toEqual(noDifference);
  expectOk(await stack.destroy());
  expect(await changes(keptAfterDestroy(made))).toEqual(noDifference);
}

/**
 * The operator has logged in before: what a shell or a message of the day keeps of that in the home is not the stack's.
 */
async function firstLogin({ config = {}, sshPort }: Past, machine: Machine): Promise<void> {
  const user = (typeof config === "function" ? config(machine) : config)["trinitycore:host.ssh.user"] ?? "root";
  await machine.ssh("true", "", sshPort);
  await machine.exec(`timeout 20 runuser -l ${user} -c true </dev/null`);
}

/** A new login over SSH, as the operator's. */
async function expectLogin(machine: Machine, port = 22): Promise<void> {
  const { code, stderr } = await machine.ssh("true", "", port);
  expect([code, stderr]).toEqual([0, ""]);
}
