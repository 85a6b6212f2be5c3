/**
 * What a preview that finds nothing to do costs, on lab hosts: `npm run bench [rounds]`. Machines differ and are
 * shared, so look at the ratios; each round runs everything once, one after the other.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logins } from "../tests/e2e/outside";
import { convergedRealm, destroyLab, expectOk, type RealmLab } from "../tests/e2e/realm-lab";
import { Machine } from "../tests/lab/machine";
import { Stack } from "../tests/lab/pulumi";
import { middle, seconds } from "./measure";

const rounds = Number(process.argv[2] ?? 5);
const sizes = [20, 40, 80];

/** A preview that must plan nothing. */
async function preview(stack: Stack): Promise<void> {
  const { code, stdout, stderr } = await stack.preview(["--expect-no-changes"]);
  if (code !== 0) throw new Error(`the preview was to find nothing\n${stdout}${stderr}`);
}

const newStack = (program: string, env: NodeJS.ProcessEnv = {}): Promise<Stack> =>
  new Stack({ work: mkdtempSync(join(tmpdir(), "bench-")), program: join(__dirname, program), env }).init();

async function empty(): Promise<Stack> {
  const stack = await newStack("empty");
  expectOk(await stack.up());
  return stack;
}

async function steps(count: number): Promise<RealmLab> {
  const machine = await Machine.fresh(`bench-${count}`);
  const stack = await newStack("steps", { BENCH_STEPS: `${count}` });
  await stack.set({
    "trinitycore:host.address": machine.address,
    "trinitycore:host.key": machine.hostKey,
    "trinitycore:host.ssh.privateKey": { secret: machine.privateKey },
    "trinitycore:realms.wotlk.name": "Trinity",
  });
  expectOk(await stack.up());
  return { machine, stack };
}

async function main(): Promise<void> {
  const nothing = await empty();
  const realm = await convergedRealm("bench");
  const many: RealmLab[] = [];
  try {
    for (const count of sizes) many.push(await steps(count));
    const subjects = [
      { name: "an empty program", stack: nothing, machine: undefined },
      { name: "the realm", ...realm },
      ...many.map((lab, i) => ({ name: `${sizes[i]} steps`, ...lab })),
    ].map((subject) => ({ ...subject, seconds: [] as number[], logins: 0 }));
    for (let round = 0; round < rounds; round++) {
      for (const subject of subjects) {
        const before = subject.machine ? await logins(subject.machine) : 0;
        subject.seconds.push(await seconds(() => preview(subject.stack)));
        subject.logins = subject.machine ? (await logins(subject.machine)) - before : 0;
      }
    }
    const base = middle(subjects[0]?.seconds ?? []);
    console.log(`\nA preview with nothing to do, the middle of ${rounds}\n`);
    console.log("                      seconds   times the empty one   SSH logins");
    for (const { name, seconds, logins: count } of subjects) {
      const time = middle(seconds);
      const columns = [time.toFixed(2).padStart(9), (time / base).toFixed(2).padStart(22), `${count}`.padStart(13)];
      console.log(`${name.padEnd(20)}${columns.join("")}`);
    }
  } finally {
    rmSync(nothing.work, { recursive: true, force: true });
    for (const lab of [realm, ...many]) await destroyLab(lab);
  }
}

void main();
