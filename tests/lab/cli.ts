/**
 * `npm run lab`: a disposable host on this machine, and the stack brought up on it. Nothing of the user's is touched:
 * the engine's home, the state, the stack config and the hosts are in the lab's own cache.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bringGameData, offerDownloads, realmConfig } from "./config";
import { keepLogs } from "./engine-home";
import { Machine, paths } from "./machine";
import { Stack } from "./pulumi";

/** The lab's host and stack; one with a past has names of its own. */
let name = "lab";
const ROOT = "/var/lib/trinity/Projects/trinity-335";
const WIDTH = 66;

const say = (what: string, text: string, aside = "") =>
  console.log(`${what.padEnd(9)}${text.padEnd(WIDTH)} ${aside}`.trimEnd());
const elapsed = (since: number) => {
  const seconds = Math.round((Date.now() - since) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
};

/** Ends the program with what a command that the user watched ended with. */
class CommandFailed extends Error {
  constructor(readonly code: number) {
    super();
  }
}
async function showOutput(run: Promise<number | null>): Promise<void> {
  const code = await run;
  if (code !== 0) throw new CommandFailed(code ?? 1);
}
const script = (name: string, ...args: string[]) =>
  new Promise<number | null>((done, fail) => {
    spawn(join(__dirname, name), args, { stdio: "inherit" }).on("error", fail).on("close", done);
  });

function stack(): Stack {
  return new Stack({ work: join(paths().home, "..", name), stack: name });
}

/** The lab as it is; it has to be there. */
async function requireLab(): Promise<{ machine: Machine; lab: Stack }> {
  const lab = stack();
  if (!existsSync(lab.configFile)) throw new Error("there is no lab yet: npm run lab");
  const machine = await Machine.boot(name);
  await lab.set(realmConfig(machine));
  return { machine, lab };
}

async function up(lab: Stack): Promise<void> {
  const since = Date.now();
  await showOutput(lab.show(["up", "--yes", "--skip-preview", ...lab.where]));
  say("up", `stack ${lab.name}`, elapsed(since));
}

async function bringUpLab(): Promise<void> {
  await showOutput(script("machine.sh", "host-packages"));
  const engine = showOutput(script("engine.sh", "ensure"));
  // Its failure is told where it is awaited; until then the host may go on booting.
  engine.catch(() => undefined);
  await showOutput(script("machine.sh", "boot", name));
  const machine = await Machine.boot(name);
  await offerDownloads(machine);
  say("lab", "source /srv/git/core.git and world content /srv/tdb on the server", "stand-ins: a build takes seconds");
  await engine;
  const lab = await stack().init();
  keepLogs(lab.work);
  await lab.set(realmConfig(machine));
  await up(lab);
  if ((await lab.outputs()).worldserver !== "active") {
    await bringGameData(machine);
    say("data", "made-up game data put where an operator brings the client's", "the worldserver waited for it");
    await up(lab);
  }
  await summary(machine, lab);
}

async function summary(machine: Machine, lab: Stack): Promise<void> {
  const { release, realmlist } = await lab.outputs();
  const config = realmConfig(machine);
  const port = await machine.sure(`sed -n 's/^WorldServerPort *= *//p' ${ROOT}/etc/worldserver.conf.d/stack.conf`);
  say(
    "realm",
    `${config["trinitycore:realms.wotlk.name"]}  ${config["trinitycore:realms.wotlk.address"]}:${port || 8085}   auth :3724`,
    String(realmlist),
  );
  for (const unit of ["authserver", "worldserver"]) {
    const state = await machine.sure(
      `systemctl is-active ${unit} || true; echo $(($(date +%s) - $(date -d "$(systemctl show -P ActiveEnterTimestamp ${unit})" +%s)))`,
    );
    const [active = "", seconds = ""] = state.split("\n");
    say("", `${unit.padEnd(12)} ${active}${active === "active" ? ` ${seconds} s` : ""}`, String(release));
  }
  say("next", "npm run lab -- drift      break something by hand, then preview and up");
  say("", "npm run lab -- ssh        look around          npm run lab -- down   throw it away");
}

/** What goes wrong on hosts: somebody closes a port and edits a file. */
async function drift(): Promise<void> {
  const { machine, lab } = await requireLab();
  const breaks = [
    "firewall-cmd -q --remove-port=8085/tcp",
    `sed -i 's/^Motd *=.*/Motd = "pwned"/' ${ROOT}/etc/worldserver.conf.d/stack.conf`,
  ];
  for (const command of breaks) {
    await machine.sure(command);
    say("drift", command);
  }
  await showOutput(lab.show(["preview", ...lab.where]));
  await up(lab);
}

/** A host as somebody left it, and what a preview says of it; nothing of the stack's is on it yet. */
async function withPast(past: string): Promise<void> {
  await showOutput(script("machine.sh", "host-packages"));
  await showOutput(script("engine.sh", "ensure"));
  await down();
  await showOutput(script("machine.sh", "boot", name, "--image", "baked"));
  const machine = await Machine.boot(name);
  await offerDownloads(machine);
  await machine.sure("bash -s", readFileSync(pastFile(past), "utf8"));
  say("past", `${past}: made by tests/lab/past/${past}.sh`);
  const lab = await stack().init();
  keepLogs(lab.work);
  await lab.set(realmConfig(machine));
  const code = await lab.show(["preview", ...lab.where]);
  say("next", `npm run lab -- --past ${past} up      or: ssh, preview, pulumi …, down`);
  if (code !== 0) throw new CommandFailed(code ?? 1);
}

const pastFile = (past: string): string => {
  const file = join(__dirname, "past", `${past}.sh`);
  if (existsSync(file)) return file;
  const known = readdirSync(join(__dirname, "past")).map((each) => each.replace(/\.sh$/, ""));
  throw new Error(`there is no past "${past}"; there are ${known.join(", ")}`);
};

async function down(): Promise<void> {
  await showOutput(script("machine.sh", "destroy", name));
  rmSync(stack().work, { recursive: true, force: true });
  say("lab", "thrown away; the images and the engine are kept for next time", paths().cache);
}

const verbs: Record<string, (args: string[]) => Promise<void>> = {
  "": bringUpLab,
  up: async () => up((await requireLab()).lab),
  preview: async (args) => {
    const { lab } = await requireLab();
    await showOutput(lab.show(["preview", ...lab.where, ...args]));
  },
  drift,
  ssh: async (args) => {
    await requireLab();
    await showOutput(script("machine.sh", "ssh", name, ...args));
  },
  pulumi: async (args) => showOutput((await requireLab()).lab.show(args)),
  down,
};

/**
 * Why the lab cannot run on this machine, and what to do instead; undefined where it can. `osRelease` is the text of
 * /etc/os-release.
 */
export function whyLabCannotRun(on: { platform: string; root: boolean; osRelease: string }): string | undefined {
  if (on.platform !== "linux" || !on.root)
    return "the lab boots a real server in a container, for which it needs Linux and root. The stack itself needs neither: see README.md";
  if (!/^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(on.osRelease))
    return "the lab installs what it needs with apt, so it wants Debian or Ubuntu. The stack itself does not: see README.md";
  return undefined;
}

async function main(words: string[]): Promise<void> {
  const [past, rest] = words[0] === "--past" ? [words[1] ?? "", words.slice(2)] : [undefined, words];
  const [verb = "", ...args] = rest;
  const file = "/etc/os-release";
  const osRelease = existsSync(file) ? readFileSync(file, "utf8") : "";
  const reason = whyLabCannotRun({ platform: process.platform, root: process.getuid?.() === 0, osRelease });
  if (reason) throw new Error(reason);
  if (past !== undefined) {
    pastFile(past);
    name = "past";
  }
  const run = past !== undefined && verb === "" ? () => withPast(past) : verbs[verb];
  if (!run)
    throw new Error(
      `npm run lab -- ${verb}: there are ${Object.keys(verbs).filter(Boolean).join(", ")}, and none for all of it`,
    );
  await run(args);
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: Error) => {
    if (!(error instanceof CommandFailed)) console.error(`lab: ${error.message}`);
    process.exitCode = error instanceof CommandFailed ? error.code : 1;
  });
}
