/** The lab's hosts for tests: tests/lab/machine.sh with types. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}
export interface Running {
  child: ChildProcess;
  done: Promise<Result>;
  ended: boolean;
}

/** Starts a program, with its output collected. */
export function start(
  program: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; stdin?: string } = {},
): Running {
  const child = spawn(program, args, { env: options.env ?? process.env, cwd: options.cwd, stdio: "pipe" });
  const result: Result = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    result.stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    result.stderr += chunk;
  });
  // A program that does not read its input is no error.
  child.stdin.on("error", () => undefined).end(options.stdin ?? "");
  const done = new Promise<Result>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...result, code }));
  });
  const running = { child, done, ended: false };
  child.on("close", () => {
    running.ended = true;
  });
  return running;
}

const SCRIPT = join(__dirname, "machine.sh");
const run = (...args: string[]) => start(SCRIPT, args).done;

async function must(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  if (code !== 0) throw new Error(`machine.sh ${args.join(" ")}: ${stderr.trim()}`);
  return stdout.trim();
}

export class Machine {
  private constructor(
    readonly name: string,
    readonly address: string,
    /** The host's host key in authorized_keys form. */
    readonly hostKey: string,
    /** The text of the key that lets root in. */
    readonly privateKey: string,
  ) {}

  /** Boots the machine `name`, made from `image` (bare, bare-SUITE, baked or a snapshot) when it is new. */
  static async boot(name: string, image = "bare"): Promise<Machine> {
    await must("boot", name, "--image", image);
    const [address, hostKey, key] = await Promise.all([must("address", name), must("hostkey", name), must("key")]);
    return new Machine(name, address, hostKey, readFileSync(key, "utf8"));
  }
  /** A machine that was never used before. */
  static async fresh(name: string, image = "bare"): Promise<Machine> {
    await must("destroy", name);
    return Machine.boot(name, image);
  }
  static async snapshots(): Promise<string[]> {
    return (await must("images")).split("\n");
  }
  static forget(snapshot: string): Promise<string> {
    return must("forget", snapshot);
  }

  /** Runs a bash script inside as root, not by ssh. */
  exec(script: string, stdin = ""): Promise<Result> {
    return start(SCRIPT, ["exec", this.name, "bash", "-c", script], { stdin }).done;
  }
  /** The same, which has to succeed; returns what it printed. */
  async sure(script: string, stdin = ""): Promise<string> {
    const { code, stdout, stderr } = await this.exec(script, stdin);
    if (code !== 0) throw new Error(`on ${this.name}: ${script}: ${code}\n${stdout}${stderr}`);
    return stdout.trim();
  }
  /** Runs a program of this machine in the host's network: it has the tools, and sees what the kernel has. */
  net(...command: string[]): Promise<Result> {
    return start(SCRIPT, ["net", this.name, ...command]).done;
  }
  ssh(command: string, stdin = "", port = 22): Promise<Result> {
    return start(SCRIPT, ["ssh", this.name, "-p", `${port}`, command], { stdin }).done;
  }
  /** Starts it again after stop or kill. */
  async up(): Promise<void> {
    await must("boot", this.name);
  }
  /** Stops it and keeps what it is now; it goes on from there at the next `up`. */
  async snapshot(name: string): Promise<void> {
    await must("snapshot", this.name, name);
  }
  async stop(): Promise<void> {
    await must("stop", this.name);
  }
  /** A power cut. */
  async kill(): Promise<void> {
    await must("kill", this.name);
  }
  async destroy(): Promise<void> {
    await must("destroy", this.name);
  }
}

/** Where the engine, its home and the lab's cache are. */
export function paths(): { engine: string; home: string; cache: string } {
  const [engine = "", home = "", cache = ""] = execFileSync(join(__dirname, "engine.sh"), ["paths"], {
    encoding: "utf8",
  }).split("\n");
  return { engine, home, cache };
}
