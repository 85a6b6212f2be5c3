/** `npm run realm -- init HOST`: from what the operator's ssh knows to a stack that `pulumi up` can bring up. */
import { Failure } from "../program/failure";
import { loadSettings, type Settings } from "../settings";
import { realmAddress } from "../settings/network";
import { realmPath } from "../settings/paths";
import { realmName } from "../settings/rules";
import { writtenConfig } from "../settings/stack-file";
import { type EndpointKeys, hostKeys } from "../ssh/dial";
import { endpointOf } from "../ssh/endpoint";
import { LoginRefused } from "../ssh/log-in";
import { oneJumpHost, type SshTarget, sshTarget } from "../ssh/openssh";
import { type Endpoint, Session } from "../ssh/session";
import { askText, onTerminal } from "./ask";
import { EngineStack, type Value } from "./engine-stack";
import { keptText, realmsIn, setAt, sortOut, withValues } from "./init-config";
import { comparedKey } from "./init-host-key";
import { type Login, type LoginChoice, logins } from "./init-logins";
import { factsInWords, lookAround } from "./init-look";
import { ownerName } from "./on-host";
import type { StackValues } from "./stack";

export interface InitOptions extends LoginChoice {
  readonly stack?: string;
  readonly cwd?: string;
  /** The realm's name in the config. */
  readonly realm?: string;
  /** Its name in the client's realm list. */
  readonly name?: string;
  /** What players connect to. */
  readonly address?: string;
  /** A fingerprint or a public key that the operator has compared. */
  readonly hostKey?: string;
  readonly jumpHostKey?: string;
  /** A file in the place of ~/.ssh/config. */
  readonly sshConfig?: string;
  readonly secretsProvider?: string;
  /** Asks nothing: what is not given is as proposed. */
  readonly yes?: boolean;
}

/** A stack may have such a name at every backend. */
const stackName = (text: string): string => text.replace(/.*@/, "").replace(/[^A-Za-z0-9_.-]+/g, "-") || "home";
const stackNameProblem = (text: string): string | undefined =>
  /^([\w.-]+\/){0,2}[\w.-]{1,100}$/.test(text) ? undefined : "is not a stack's name: letters, digits, _, . and -";

/** @returns whether nothing on the host stands against an `up` */
export async function init(name: string, options: InitOptions): Promise<boolean> {
  if (!options.yes && !onTerminal()) {
    throw new Failure(
      "there is no terminal to ask on; with --yes nothing is asked: give what matters as --stack, --name, --address",
    );
  }
  const target = sshTarget(name, options.sshConfig);
  const jump = target.jump === undefined ? undefined : sshTarget(target.jump, options.sshConfig);
  if (jump?.jump) {
    throw new Failure(`${target.jump} is itself behind the jump host ${jump.jump}, and ${oneJumpHost(target.alias)}`);
  }
  const stack = options.stack ?? (await asked(options, "Name of the stack", stackName(name), stackNameProblem));
  const { cwd = ".", secretsProvider } = options;
  const engine = EngineStack.find({ name: stack, cwd, ...(secretsProvider ? { secretsProvider } : {}) });
  try {
    if (engine.exists) await engine.unlock();
    return await new Init(target, jump, options, engine, engine.config(), stack).run();
  } finally {
    engine.lock();
  }
}

/** The answer to a question; what is proposed where nothing may be asked. */
async function asked(
  { yes }: InitOptions,
  question: string,
  proposal: string,
  check: (text: string) => string | undefined,
): Promise<string> {
  if (!yes) return askText(question, proposal, check);
  const problem = check(proposal);
  if (problem) throw new Failure(`${question}: ${proposal} ${problem}; give another one`);
  return proposal;
}

class Init {
  private readonly values: Value[] = [];

  constructor(
    private readonly target: SshTarget,
    private readonly jump: SshTarget | undefined,
    private readonly options: InitOptions,
    private readonly engine: EngineStack,
    private readonly config: StackValues,
    private readonly stack: string,
  ) {}

  async run(): Promise<boolean> {
    const realm = realmsIn(this.config)[0] ?? this.options.realm ?? "wotlk";
    await this.wayValues();
    const name: Value = { path: realmPath(realm, "name"), text: this.options.name ?? "Trinity" };
    const { session, endpoint } = await this.logIn(name);
    try {
      const look = await lookAround(session, endpoint, this.settings([name]), ownerName(this.stack, this.options));
      for (const line of factsInWords(look.facts)) console.log(line);
      await this.realmValues(realm);
      const found = await look.observe(this.settings());
      for (const text of found.notes) console.log(`note      ${text}`);
      for (const text of found.against) console.log(`against   ${text}`);
      await this.write();
      this.tellNext(found.against.length);
      return found.against.length === 0;
    } finally {
      session.close();
    }
  }

  private settings(more: readonly Value[] = []): Settings {
    const values = sortOut(this.config, [...this.values, ...more]).missing;
    const { file } = this.engine;
    return loadSettings(withValues(this.config, values, file, writtenConfig(file)));
  }

  /** The way to the host, without a login. */
  private async wayValues(): Promise<void> {
    const { target, jump } = this;
    const add = (path: string, text: string) => void this.values.push({ path, text });
    add("host.address", target.host);
    add("host.ssh.port", `${target.port}`);
    add("host.ssh.user", target.user);
    if (jump) {
      add("host.ssh.jumpHost", jump.host);
      add("host.ssh.jumpPort", `${jump.port}`);
      if (jump.user !== target.user) add("host.ssh.jumpUser", jump.user);
      add("host.ssh.jumpHostKey", await this.keyOf(jump, "host.ssh.jumpHostKey", "--jump-host-key"));
    }
    const through = jump ? `, through ${jump.user}@${jump.host}:${jump.port}` : "";
    console.log(`host      ${target.user}@${target.host}:${target.port}${through}`);
    add("host.key", await this.keyOf(target, "host.key", "--host-key"));
  }

  private keyOf(target: SshTarget, path: string, flag: "--host-key" | "--jump-host-key"): Promise<string> {
    const { hostKey, jumpHostKey, ...options } = this.options;
    const compared = flag === "--host-key" ? hostKey : jumpHostKey;
    return comparedKey(target, setAt(this.config, path), flag, { ...options, ...(compared ? { compared } : {}) });
  }

  /** Logs in as the config has it, or else with the first of the operator's keys that the host takes. */
  private async logIn(name: Value): Promise<{ session: Session; endpoint: Endpoint }> {
    const isSet = setAt(this.config, "host.ssh.privateKey") ?? setAt(this.config, "host.ssh.agent");
    if (isSet && isSet !== "false") return this.tryLogin({ name: "the login in the config", values: [] }, name);
    const refused: string[] = [];
    let whom = "";
    const skipped: string[] = [];
    for await (const login of logins(this.target, this.options, (why) => void skipped.push(why))) {
      try {
        const open = await this.tryLogin(login, name);
        this.values.push(...login.values);
        return open;
      } catch (error) {
        if (!(error instanceof LoginRefused) || !error.message.includes("refused the login")) throw error;
        refused.push(login.name);
        // The host's own, or the jump host's.
        [whom = ""] = error.message.split(";");
      }
    }
    const { alias } = this.target;
    const cause =
      refused.length > 0
        ? `${whom} with ${refused.join(", ")}`
        : `there is no key to log in to ${alias} with: no agent has one, and ssh names no file that is there`;
    throw new Failure(
      [`${cause}; \`ssh ${alias}\` must let you in without a password: ssh-copy-id ${alias}`, ...skipped].join("\n"),
    );
  }

  private async tryLogin(login: Login, name: Value): Promise<{ session: Session; endpoint: Endpoint }> {
    const { endpoint } = await endpointOf(this.settings([...login.values, name]));
    const keys = setAt(this.config, "host.address") === undefined ? this.settingsOfSsh() : hostKeys;
    const session = await Session.open(endpoint, { tell: (text) => console.error(text) }, keys);
    console.log(`login     with ${login.name}`);
    return { session, endpoint };
  }

  /** What errors name where there is no config yet. */
  private settingsOfSsh(): EndpointKeys {
    const where = `of ${this.target.alias} in your ssh settings`;
    return { host: "HostName", port: `Port ${where}`, user: `User ${where}`, hostKey: "your known_hosts" };
  }

  private async realmValues(realm: string): Promise<void> {
    const { name, address } = this.options;
    const ask = async (
      key: string,
      given: string | undefined,
      question: string,
      proposal: string,
      rule = realmName,
    ) => {
      const path = realmPath(realm, key);
      const set = setAt(this.config, path);
      this.values.push({ path, text: given ?? set ?? (await asked(this.options, question, proposal, rule)) });
    };
    await ask("name", name, "Name of the realm in the client's list", "Trinity");
    const host = setAt(this.config, "host.address") ?? this.target.host;
    const usable = realmAddress(host) === undefined ? host : "";
    await ask("address", address, "Name or IPv4 address that players connect to", usable, realmAddress);
    // Without an address of its own the realm has the host's, also when that changes.
    if (this.values.at(-1)?.text === host) this.values.pop();
    // A stack that is there already goes on as its operator has it.
    if (setAt(this.config, "host.address") === undefined)
      this.values.push({ path: "update.schedule", text: "nightly" });
  }

  /** Writes what is missing, and says what is kept. */
  private async write(): Promise<void> {
    const { missing, kept } = sortOut(this.config, this.values);
    for (const value of kept) console.log(`kept      ${keptText(this.config, value)}`);
    if (missing.length > 0) await this.engine.unlock();
    this.engine.make();
    this.engine.set(missing);
    for (const { path, text, secret } of missing) console.log(`set       ${path}  ${secret ? "[secret]" : text}`);
  }

  private tellNext(against: number): void {
    const first = against === 0 ? "" : "first put right what stands against it, then ";
    console.log(`\nstack ${this.stack}; nothing was changed on the host. Next: ${first}npx pulumi up`);
  }
}
