/**
 * The real Pulumi engine for tests and the lab: a backend, a home and a config file of its own, nothing of the user's
 * and nothing in the checkout.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { quote } from "../../ssh/shell";
import { homeOf, prepareHome } from "./engine-home";
import { paths, type Result, type Running, start } from "./machine";

export interface StackOptions {
  /** Folder of the state and the config file. */
  work: string;
  stack?: string;
  /** Folder of the program; this project when not given. */
  program?: string;
  env?: NodeJS.ProcessEnv;
}

/** One step of `preview --json`. */
export interface PreviewStep {
  op: string;
  urn: string;
  diffReasons?: string[];
  replaceReasons?: string[];
}

export const CHECKOUT = resolve(__dirname, "../..");
/** What the program is made of. */
export const PROGRAM = ["index.ts", "Pulumi.yaml", "program", "settings", "ssh", "steps", "components", "server"];
type Value = string | number | boolean | { secret: string };

/** How long a program on a terminal may take. */
const TYPED_MS = 50_000;

type Tree = { [name: string]: unknown };

/** The names in a path such as `trinitycore:realms.wotlk.settings["Rate.XP.Kill"]`. */
const namesOf = (key: string): string[] =>
  [...key.matchAll(/\["([^"]*)"\]|([^.[]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

function setByPath(tree: Tree, names: readonly string[], value: string | number | boolean): void {
  const [name = "", ...rest] = names;
  if (rest.length > 0) {
    tree[name] = tree[name] instanceof Object ? tree[name] : {};
    setByPath(tree[name] as Tree, rest, value);
  } else tree[name] = typeof value === "string" && /^[[{]/.test(value) ? JSON.parse(value) : value;
}

export class Stack {
  readonly name: string;
  readonly configFile: string;
  /** Folder of the state and the config file. */
  readonly work: string;
  private readonly program: string;
  private readonly engine: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(options: StackOptions) {
    const { engine, home } = paths();
    this.name = options.stack ?? "lab";
    this.work = resolve(options.work);
    this.program = resolve(options.program ?? CHECKOUT);
    this.engine = engine;
    this.configFile = join(this.work, `Pulumi.${this.name}.yaml`);
    // What the user's shell has set for Pulumi or ssh would make a run depend on it.
    const inherited = Object.entries(process.env).filter(([key]) => !/^PULUMI_|^SSH_AUTH_SOCK$/.test(key));
    this.env = {
      ...Object.fromEntries(inherited),
      PATH: `${join(engine, "..")}:${process.env.PATH}`,
      PULUMI_HOME: this.home,
      PULUMI_BACKEND_URL: `file://${this.work}`,
      PULUMI_CONFIG_PASSPHRASE: "lab",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      // Its runs are short, and there is memory enough: a tenth of their time would go into the collection of garbage.
      GOGC: "800",
      // Each run loads the same SDK: Node keeps what it made of it, which is a fifth of a run's work.
      NODE_COMPILE_CACHE: join(home, "compiled"),
      ...(process.env.TRINITY_PLUGINS === "official" ? {} : { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }),
      ...options.env,
    };
  }

  /** Any command of the engine, in the program's folder. */
  start(args: string[]): Running {
    return start(this.engine, ["--non-interactive", "--color", "never", ...args], { env: this.env, cwd: this.program });
  }
  run(args: string[]): Promise<Result> {
    return this.start(args).done;
  }
  async must(args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${code}\n${stdout}${stderr}`);
    return stdout;
  }
  /** For who starts a program of this checkout that asks this stack's engine. */
  get environment(): NodeJS.ProcessEnv {
    return this.env;
  }
  /** `npm run realm` with this stack's engine. */
  realm(args: string[], stdin = ""): Promise<Result> {
    return this.startRealm(args, stdin).done;
  }
  startRealm(args: string[], stdin = ""): Running {
    const [program = "", verbs = ""] = this.realmWords;
    return start(program, [verbs, ...args], { env: this.env, cwd: this.program, stdin });
  }
  private get realmWords(): string[] {
    return ["node_modules/.bin/ts-node", "cli/realm.ts"].map((file) => join(CHECKOUT, file));
  }
  /**
   * The same on a terminal of its own (util-linux's `script`), into which something is typed each time it shows the
   * next prompt.
   */
  typed(
    args: string[],
    ...turns: readonly (readonly [prompt: string, keys: string])[]
  ): Promise<{ code: number | null; screen: string }> {
    const command = [...this.realmWords, ...args].map(quote).join(" ");
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: this.env, cwd: this.program, stdio: "pipe" });
    // What waits for another answer would wait for ever.
    const timer = setTimeout(() => child.kill(), TYPED_MS);
    const left = [...turns];
    let screen = "";
    let seen = 0;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      screen += text;
      for (let [turn] = left; turn && screen.indexOf(turn[0], seen) >= 0; [turn] = left) {
        seen = screen.indexOf(turn[0], seen) + turn[0].length;
        child.stdin.write(turn[1]);
        left.shift();
      }
    });
    return new Promise((done, fail) => {
      child.on("error", fail).on("close", (code) => {
        clearTimeout(timer);
        done({ code, screen });
      });
    });
  }
  /** On the user's terminal, for people. */
  show(args: string[]): Promise<number | null> {
    const child = spawn(this.engine, args, { env: this.env, cwd: this.program, stdio: "inherit" });
    return new Promise((done, fail) => child.on("error", fail).on("close", done));
  }

  get home(): string {
    return homeOf(this.work);
  }

  /** Makes the stack unless it is there. */
  async init(): Promise<this> {
    prepareHome(this.work);
    if (existsSync(this.configFile)) return this;
    // `stack init` writes the config file beside Pulumi.yaml, whatever it is told; so that is done somewhere else.
    const elsewhere = mkdtempSync(join(tmpdir(), "trinity-stack-"));
    try {
      const project = /^name: *(\S+)/m.exec(readFileSync(join(this.program, "Pulumi.yaml"), "utf8"))?.[1];
      writeFileSync(join(elsewhere, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
      await this.must(["stack", "init", this.name, "--no-select", "--cwd", elsewhere]);
      const text = readFileSync(join(elsewhere, `Pulumi.${this.name}.yaml`), "utf8");
      // Two file systems: written and renamed, not moved.
      writeFileSync(`${this.configFile}.new`, text);
      renameSync(`${this.configFile}.new`, this.configFile);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
    return this;
  }

  /** Which stack, and where its config is. */
  get where(): string[] {
    return ["--stack", this.name, "--config-file", this.configFile];
  }
  private get operation(): string[] {
    return [...this.where, "--suppress-permalink=true"];
  }

  /** Sets keys by their paths; a list or map is JSON, and takes the place of what was there. */
  async set(values: Record<string, Value>): Promise<void> {
    const plain = Object.entries(values).flatMap(([key, value]) =>
      typeof value === "object" ? [] : [[key, value] as const],
    );
    if (plain.length > 0) {
      const file = parse(readFileSync(this.configFile, "utf8")) ?? {};
      file.config ??= {};
      for (const [key, value] of plain) setByPath(file.config, namesOf(key), value);
      // The engine takes more texts for something else than the library does, such as dates.
      writeFileSync(this.configFile, stringify(file, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" }));
    }
    const secrets = Object.entries(values).flatMap(([key, value]) =>
      typeof value === "object" ? ["--secret", `${key}=${value.secret}`] : [],
    );
    if (secrets.length > 0) await this.must(["config", "set-all", ...this.where, "--path", ...secrets]);
  }
  async unset(key: string): Promise<void> {
    await this.must(["config", "rm", "--path", ...this.where, key]);
  }

  startUp(args: string[] = []): Running {
    return this.start(["up", "--yes", "--skip-preview", ...this.operation, ...args]);
  }
  up(args: string[] = []): Promise<Result> {
    return this.startUp(args).done;
  }
  preview(args: string[] = []): Promise<Result> {
    return this.run(["preview", ...this.operation, ...args]);
  }
  /** The steps of a preview that would change something. */
  async planned(args: string[] = []): Promise<PreviewStep[]> {
    const text = await this.must(["preview", "--json", ...this.where, ...args]);
    return (
      (JSON.parse(text) as { steps?: PreviewStep[] }).steps?.filter(({ op }) => op !== "same" && op !== "refresh") ?? []
    );
  }
  refresh(args: string[] = []): Promise<Result> {
    return this.run(["refresh", "--yes", "--skip-preview", ...this.operation, ...args]);
  }
  destroy(args: string[] = []): Promise<Result> {
    return this.run(["destroy", "--yes", "--skip-preview", ...this.operation, ...args]);
  }
  /** Takes away the lock of a run that was killed. */
  cancel(): Promise<Result> {
    return this.run(["cancel", "--yes", "--stack", this.name]);
  }
  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.must(["stack", "output", "--json", "--show-secrets", "--stack", this.name]));
  }
  /** The state, with secrets as they are kept. */
  async exported(): Promise<{
    deployment: {
      resources?: { urn: string; type: string; inputs?: unknown; outputs?: unknown }[];
      pending_operations?: unknown[];
    };
  }> {
    return JSON.parse(await this.must(["stack", "export", "--stack", this.name]));
  }
}
