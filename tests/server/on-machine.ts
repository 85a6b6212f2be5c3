import { spawnSync } from "node:child_process";
import * as os from "node:os";
import * as path from "node:path";
import { quote } from "../../ssh/shell";
import { argPairs, argWords } from "../../steps/command-text";
import { filesText, secretLines } from "../../steps/delivery";
import type { Plan } from "../../steps/plan";

const checkout = path.resolve(__dirname, "../..");
export const machineScript = path.join(checkout, "tests/lab/machine.sh");
/** Where the stack puts its scripts on a server; units name this path. */
const installed = "/usr/local/libexec/trinity-stack";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program of this machine to its end, without a shell. */
export function run(program: string, args: readonly string[], stdin: string | Buffer = ""): Ran {
  const ran = spawnSync(program, args, { input: stdin, encoding: "utf8", maxBuffer: 64 << 20 });
  if (ran.error) throw ran.error;
  return { code: ran.status ?? 128, out: ran.stdout, err: ran.stderr };
}

export const lab = {
  /**
   * Why a lab server cannot run here, or none with these releases of a distribution ("trixie"); undefined where it can.
   */
  missing(suites: readonly string[]): string | undefined {
    if (os.platform() !== "linux") return "the lab needs Linux";
    if (process.getuid?.() !== 0) return "the lab needs root";
    if (run("sh", ["-c", "command -v systemd-nspawn mmdebstrap"]).code !== 0)
      return "the lab needs systemd-nspawn and mmdebstrap: tests/lab/machine.sh host-packages";
    const suite = suites.find((each) => run(machineScript, ["offered", each]).code !== 0);
    return suite && `this machine reaches no archive with ${suite}`;
  },
  /**
   * `describe` where the lab runs, with these releases; elsewhere the tests report themselves skipped, with the reason.
   */
  describe(title: string, tests: () => void, suites: readonly string[] = []): void {
    const reason = lab.missing(suites);
    if (reason) describe.skip(`${title} (skipped: ${reason})`, tests);
    else describe(title, tests);
  },
};

type Args = Plan["args"];
type Secrets = Readonly<Record<string, string>>;
type Files = NonNullable<Plan["files"]>;

/** The command that applies a step, as the stack sends it. */
export const stepCommand = (step: string, kind: string, args: Args): string =>
  [`${installed}/current/step.sh apply ${step} ${kind} aaaa1111 test/stack`, ...argWords(args)].join(" ");

export class Machine {
  constructor(readonly name: string) {}

  /** Runs a bash script as root inside; it may fail, the caller looks at the code. */
  exec(script: string, options: { stdin?: string | Buffer } = {}): Ran {
    return run(machineScript, ["exec", this.name, "bash", "-c", script], options.stdin);
  }

  /** Runs a bash script that has to succeed, and returns what it printed. */
  sh(script: string, options: { stdin?: string | Buffer } = {}): string {
    const ran = this.exec(script, options);
    if (ran.code !== 0) throw new Error(`${this.name}: ${script}\nended with ${ran.code}\n${ran.out}${ran.err}`);
    return ran.out.trim();
  }

  /** The scripts of this checkout, installed as the stack does it. */
  install(): void {
    const tar = spawnSync("tar", ["-C", path.join(checkout, "server"), "-cf", "-", "."], { maxBuffer: 64 << 20 });
    this.sh(
      `d=${installed}; mkdir -p "$d" && rm -rf "$d/test" && mkdir "$d/test" && tar -C "$d/test" --no-same-owner -xf - && ln -sfn test "$d/current"`,
      { stdin: tar.stdout },
    );
  }

  apply(step: string, kind: string, args: Args = {}, secrets: Secrets = {}, files: Files = {}): Ran {
    return this.exec(`bash ${stepCommand(step, kind, args)}`, { stdin: secretLines(secrets) + filesText(files) });
  }

  /** Runs a script by a new login over SSH, which is given up after some seconds. */
  ssh(port: number, script: string): Ran {
    return run(machineScript, ["ssh", this.name, "-p", `${port}`, "-o", "ConnectTimeout=4", script]);
  }
  applyBySsh(port: number, step: string, kind: string, args: Args = {}): Ran {
    return this.ssh(port, `bash ${stepCommand(step, kind, args)}`);
  }

  /**
   * What the kind says: deviations as they are, hints begin with "hint: ", what it could not look at with "blind: ".
   */
  observe(step: string, kind: string, args: Args = {}, secrets: Secrets = {}): string[] {
    const files = Object.entries(secrets).map(([key, value]) => `printf %s ${quote(value)} >"$r/secrets/${key}"`);
    const given = argPairs(args)
      .map(([key, value]) => quote(`${key}=${value}`))
      .join(" ");
    const ran = this.exec(
      [
        `d=$(mktemp -d /run/test-look.XXXXXX) && cp -r ${installed}/current/. "$d" && r=$d/requests/${step} && mkdir -p "$r/secrets"`,
        `printf %s ${quote(kind)} >"$r/kind"; printf %s test/stack >"$r/owner"; : >"$r/args"`,
        given && `printf '%s\\0' ${given} >"$r/args"`,
        ...files,
        'bash "$d/run/observe.sh" </dev/null',
      ]
        .filter(Boolean)
        .join("\n"),
    );
    if (ran.code !== 0) throw new Error(`observe ${step} ended with ${ran.code}\n${ran.out}${ran.err}`);
    if (ran.err !== "") throw new Error(`observe ${step} wrote to stderr: ${ran.err}`);
    const [head = "", ...lines] = ran.out.trimEnd().split("\n");
    if (!head.startsWith(`@ ${step} `) || lines.pop() !== "@ end") throw new Error(`no frame of ${step}: ${ran.out}`);
    return lines.filter((line) => !line.startsWith("outcome: ")).map((line) => line.replace(/^drift(-[a-z-]+)?: /, ""));
  }

  /** What `pulumi destroy` does to a step: its receipt undoes what the step owns. */
  undo(step: string): Ran {
    return this.exec(`bash /var/lib/trinity-stack/receipts/${step}/undo test/stack`);
  }

  /** As if it never was. */
  stop(): void {
    run(machineScript, ["destroy", this.name]);
  }
}

/** A fresh server of that image ("bare", "baked" or a snapshot), with this checkout's scripts on it. */
export function onMachine(name: string, image = "bare"): Machine {
  const machine = new Machine(name);
  machine.stop();
  const booted = run(machineScript, ["boot", name, "--image", image]);
  if (booted.code !== 0) throw new Error(`the lab server ${name} did not boot\n${booted.err}`);
  machine.install();
  return machine;
}
