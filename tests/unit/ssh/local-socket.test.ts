import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localPath } from "../../../ssh/local-socket";

const CHECKOUT = join(__dirname, "../../..");
const key = `test-${process.pid}`;
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** A run that says its name to whoever connects. */
async function run(
  name: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ path: string; end(signal: NodeJS.Signals): Promise<unknown> }> {
  const program = `
    const { listenLocally } = require("./ssh/local-socket");
    listenLocally("", ${JSON.stringify(key)}, (socket) => socket.on("error", () => {}).end(${JSON.stringify(name)})).then((path) => console.log(path));
    process.on("SIGTERM", () => process.exit(0));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", program], {
    cwd: CHECKOUT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return {
    path: `${said}`.trim(),
    end: (signal) => {
      child.kill(signal);
      return once(child, "exit");
    },
  };
}

function whoAnswers(path: string): Promise<string> {
  return new Promise((resolve) => {
    const local = connect(path);
    let said = "";
    local.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    local.on("error", ({ message }) => resolve(message)).on("end", () => resolve(said));
  });
}

async function until(wanted: string, path: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    if ((await whoAnswers(path)) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await whoAnswers(path)).toBe(wanted);
}

describe("the local end of the way to the databases", () => {
  it("has a path that is the same everywhere, short, and says what to do where nothing listens", () => {
    const path = localPath("", "root@203.0.113.7:22");
    expect(path).toBe("/proc/self/cwd/node_modules/.cache/trinitycore-stack/needs--run-program-6a8b55ec");
    expect(Buffer.byteLength(path)).toBeLessThan(104);
  });

  it("outlives the run that made it: another one beside it takes over, also from one that was killed", async () => {
    const first = await run("first", { TMPDIR: join(tmpdir(), "x".repeat(150)) });
    const second = await run("second");
    expect(second.path).toBe(first.path);
    await until("first", first.path);
    await first.end("SIGTERM");
    await until("second", first.path);
    const third = await run("third", { TMPDIR: "/nowhere" });
    await second.end("SIGKILL");
    await until("third", first.path);
    await third.end("SIGTERM");
    expect(await whoAnswers(first.path)).toMatch(/ENOENT.*needs--run-program/);
  }, 60_000);
});
