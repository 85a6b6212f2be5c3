/** Makes a stack with the engine, and sets its config. A secret goes to the engine on its input alone. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../program/failure";
import { fullKey } from "../settings/paths";
import { writtenConfig } from "../settings/stack-file";
import { askHidden, askHiddenTwice, onTerminal } from "./ask";
import { noEngine, type StackValues, stackValues } from "./stack";

/** A key of the config, by its path, and what it is to be. */
export interface Value {
  readonly path: string;
  readonly text: string;
  readonly secret?: boolean;
}

interface Options {
  readonly name: string;
  /** The folder of the project. */
  readonly cwd: string;
  readonly secretsProvider?: string;
}

/** One stack, which may not be there yet. */
export class EngineStack {
  private passphraseFolder: string | undefined;

  private constructor(
    private readonly options: Options,
    /** Whether the engine's backend has it. */
    readonly exists: boolean,
    private readonly backend: string,
  ) {}

  /** @throws Failure when the engine is not there, or knows no backend */
  static find(options: Options): EngineStack {
    const who = engine(["whoami", "--verbose", "--json", "--non-interactive", "--cwd", options.cwd]);
    if (who.code !== 0) {
      throw new Failure(
        "Pulumi does not know yet where to keep its state; for this machine: npx pulumi login --local\n" +
          `It says: ${who.stderr.trim()}`,
      );
    }
    const { url } = JSON.parse(who.stdout) as { url: string };
    const listed = must(["stack", "ls", "--json", "--non-interactive", "--cwd", options.cwd]);
    const names = (JSON.parse(listed) as { name: string }[]).map(({ name }) => name);
    const exists = names.some((name) => name === options.name || name.endsWith(`/${options.name}`));
    return new EngineStack(options, exists, url);
  }

  get file(): string {
    return join(this.options.cwd, `Pulumi.${this.options.name.split("/").at(-1)}.yaml`);
  }

  /** The config that is set; where the stack is new, that of a file which is there before it. @throws Failure */
  config(): StackValues {
    if (this.exists) return stackValues(this.must(["config", "--json", "--show-secrets"]));
    const written = writtenConfig(this.file) ?? {};
    if (JSON.stringify(written).includes('"secure":')) {
      throw new Failure(
        `${this.file} has secrets of a stack that is not here; choose another name with --stack, ` +
          "or log in where that stack is: npx pulumi login",
      );
    }
    const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    const values = Object.fromEntries(Object.entries(written).map(([key, value]) => [key, text(value)]));
    return { values, secretKeys: new Set() };
  }

  /** Asks for the passphrase that the engine would ask for, which it cannot while it is told something else. */
  async unlock(): Promise<void> {
    if (this.passphraseFolder) return;
    const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = process.env;
    if (PULUMI_CONFIG_PASSPHRASE !== undefined || PULUMI_CONFIG_PASSPHRASE_FILE || !this.hasPassphrase()) return;
    if (!onTerminal()) {
      throw new Failure(
        "the secrets of this stack need a passphrase, and there is no terminal to ask on; " +
          "write it to a file that you alone may read, and name that in PULUMI_CONFIG_PASSPHRASE_FILE",
      );
    }
    const passphrase = await (this.exists
      ? askHidden(`Passphrase of the stack ${this.options.name}`)
      : askHiddenTwice("A passphrase for the stack's secrets; `pulumi up` asks for it"));
    this.passphraseFolder = mkdtempSync(join(tmpdir(), "trinity-init-"));
    writeFileSync(join(this.passphraseFolder, "passphrase"), passphrase, { mode: 0o600 });
  }

  /** Takes the passphrase off the disk. */
  lock(): void {
    if (this.passphraseFolder) rmSync(this.passphraseFolder, { recursive: true });
    this.passphraseFolder = undefined;
  }

  private hasPassphrase(): boolean {
    const { secretsProvider } = this.options;
    const text = existsSync(this.file) ? readFileSync(this.file, "utf8") : "";
    if (this.exists) return /^encryptionsalt:/m.test(text);
    return secretsProvider === undefined ? !/^https?:/.test(this.backend) : secretsProvider === "passphrase";
  }

  /** Makes the stack where it is not there, and selects it. */
  make(): void {
    const { name, cwd, secretsProvider } = this.options;
    const provider = secretsProvider === undefined ? [] : ["--secrets-provider", secretsProvider];
    const words = this.exists ? ["stack", "select", name] : ["stack", "init", name, ...provider];
    must([...words, "--non-interactive", "--cwd", cwd], this.env());
  }

  set(values: readonly Value[]): void {
    const plain = values.filter(({ secret }) => !secret);
    const words = plain.flatMap(({ path, text }) => ["--plaintext", `${fullKey(path)}=${text}`]);
    if (words.length > 0) this.must(["config", "set-all", "--path", ...words]);
    for (const { path, text } of values.filter(({ secret }) => secret))
      this.must(["config", "set", "--secret", "--path", fullKey(path)], text);
  }

  private must(words: readonly string[], stdin?: string): string {
    const { name, cwd } = this.options;
    return must([...words, "--stack", name, "--non-interactive", "--cwd", cwd], this.env(), stdin);
  }

  private env(): NodeJS.ProcessEnv {
    if (!this.passphraseFolder) return process.env;
    return { ...process.env, PULUMI_CONFIG_PASSPHRASE_FILE: join(this.passphraseFolder, "passphrase") };
  }
}

function engine(words: readonly string[], env: NodeJS.ProcessEnv = process.env, stdin = "") {
  const { error, status, stdout, stderr } = spawnSync("pulumi", words, { encoding: "utf8", env, input: stdin });
  if (error) throw noEngine(error);
  return { code: status ?? 1, stdout, stderr };
}

function must(words: readonly string[], env?: NodeJS.ProcessEnv, stdin?: string): string {
  const { code, stdout, stderr } = engine(words, env, stdin);
  if (code === 0) return stdout;
  const options = words.findIndex((word) => word.startsWith("--"));
  const command = ["pulumi", ...words.slice(0, options)].join(" ");
  throw new Failure(`\`${command}\` failed: ${stderr.trim().replace(/^error: /, "")}`);
}
