import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { keepChosenKey } from "../ssh/chosen-key";
import { type Endpoint, endpointOf, withSilentFactors } from "../ssh/endpoint";
import { Pace } from "../ssh/login-pace";
import { type Limit, noAnswer, runMarked } from "../ssh/marked-script";
import { Session } from "../ssh/session";
import { marked } from "../ssh/shell";
import { recorded, sudoTrouble } from "../ssh/sudo";
import { type BundleFile, bundleVersion, pack, packing, serverScripts, unpackAndRun } from "./bundle";
import { lastOutputs } from "./change-of-host";
import { type Facts, factsQuestions, hanging, readFacts, refuseUnfit, schedules, wholeFacts } from "./facts";
import { refuseHarm } from "./harm";
import { type Observation, type Request, readFrames, requestFiles } from "./observation";

type ConnectionArgs = command.types.input.remote.ConnectionArgs;

/** A server as the components see it. */
export interface Host {
  readonly facts: Facts;
  /** "project/stack": who owns the server. */
  readonly stack: string;
  /** Who logs in over SSH: root, or a user with passwordless sudo. */
  readonly user: string;
  readonly connection: pulumi.Input<ConnectionArgs>;
  readonly endpoint: Endpoint;
  /** The command plugin, for the commands on this server. */
  readonly provider: command.Provider;
  /** The stack's scripts as they would be installed: their version and the archive, base64. */
  readonly scripts: { readonly version: string; readonly archive: string };
  /** When the next connection to it may be made. */
  readonly connections: Pace;
  /** Asks about one step; `undefined` as request says that it cannot be asked about yet. */
  observe(request: Promise<Request | undefined>): Promise<Observation | undefined>;
  /** Whether an `up` of this stack has come to its end here, as its state says. */
  converged(): Promise<boolean>;
}

/** Reaches the server once: facts before the components are built, then all their observations in one command. */
export class SshHost implements Host {
  private asked: { request: Promise<Request | undefined>; answer: Promise<Map<string, Observation>> }[] = [];
  private answer: Promise<Map<string, Observation>> | undefined;
  private lastHost: Promise<string | undefined> | undefined;
  readonly connections: Pace;

  private constructor(
    readonly facts: Facts,
    readonly stack: string,
    readonly connection: pulumi.Input<ConnectionArgs>,
    readonly endpoint: Endpoint,
    readonly provider: command.Provider,
    readonly scripts: Host["scripts"],
    private readonly session: Session,
    private readonly look: Look,
  ) {
    // In a preview no command is run.
    const limit = pulumi.runtime.isDryRun() ? undefined : facts.newConnections;
    this.connections = new Pace(limit, (text) => void pulumi.log.info(`${endpoint.host}: ${text}`));
  }

  get user(): string {
    return this.endpoint.user;
  }

  /**
   * @param asked what `server/run/facts.sh` is to look for
   * @param check looks at the facts and throws what speaks against this server
   * @throws Failure when the server cannot be reached, asks for a password, is another stack's, or does not pass the
   * check
   */
  static async connect(
    settings: Settings,
    stack: string,
    asked: readonly string[],
    check = (_facts: Facts) => {},
  ): Promise<SshHost> {
    const { endpoint, connection } = await endpointOf(settings);
    // The engine starts a plugin when its first resource comes; the commands come after the look, this one while the
    // server is reached.
    const provider = new command.Provider("ssh");
    const session = await Session.open(endpoint, { tell: (text) => void pulumi.log.info(text) });
    try {
      // In a preview no plugin logs in.
      if (connection.agentSocketPath && endpoint.agent && !pulumi.runtime.isDryRun()) {
        await keepChosenKey(endpoint.agent, endpoint.agentKey ?? "");
      }
      const files = serverScripts();
      const look = startLook(session, endpoint, files);
      const [facts, archive] = await Promise.all([askFacts(session, endpoint, settings, asked), pack(files)]);
      if (facts.owner && facts.owner !== stack && !settings.host.takeover) {
        throw new Failure(
          `${endpoint.host} belongs to the stack ${facts.owner}; to take it over: pulumi config set --path trinitycore:host.takeover true`,
        );
      }
      check(facts);
      const scripts = { version: bundleVersion(files), archive: archive.toString("base64") };
      const plugin = withSilentFactors(connection, session.silentFactors);
      return new SshHost(facts, stack, plugin, endpoint, provider, scripts, session, look);
    } catch (error) {
      session.close();
      throw error;
    }
  }

  /** Ends the connection of a program that fails before it looked: an open one would keep it from ending. */
  close(): void {
    this.session.close();
  }

  async observe(request: Promise<Request | undefined>): Promise<Observation | undefined> {
    this.answer ??= new Promise((resolve, reject) => setImmediate(() => this.flush().then(resolve, reject)));
    this.asked.push({ request, answer: this.answer });
    const [asked, answer] = await Promise.all([request, this.answer]);
    return asked && answer.get(asked.plan.step);
  }

  async converged(): Promise<boolean> {
    this.lastHost ??= lastOutputs().then(({ host }) => host);
    return (await this.lastHost) === this.endpoint.host;
  }

  /** All that was asked in one turn of the program travels in one command. */
  private async flush(): Promise<Map<string, Observation>> {
    const waiting = this.asked;
    this.asked = [];
    this.answer = undefined;
    try {
      const requests = (await Promise.all(waiting.map(({ request }) => request))).filter((r) => r !== undefined);
      if (requests.length === 0) return new Map();
      this.look.begin(requestFiles(requests));
      const seen = readFrames(
        await this.look.answer,
        requests.map(({ plan }) => plan.step),
        this.look.mark,
      );
      refuseHarm(this.endpoint.host, seen);
      return seen;
    } finally {
      this.session.close();
    }
  }
}

/**
 * The command that looks. It is started as soon as there is a connection, and has the scripts by the time the facts are
 * known and what there is to look at with them.
 */
interface Look {
  begin(requests: readonly BundleFile[]): void;
  readonly answer: Promise<Buffer>;
  /** What each of its frames begins with. */
  readonly mark: string;
}

function startLook(session: Session, endpoint: Endpoint, scripts: readonly BundleFile[]): Look {
  const script = marked(endpoint.user);
  const { stream, end } = packing(scripts, `${script.first}${unpackAndRun("run/observe.sh", '"$1"')}`);
  const last = `@${script.mark} end\n`;
  const answer = runMarked(session, endpoint, script, stream, last).then((answer) => {
    const { stdout, stderr, code } = answer;
    if (!stdout) throw new Failure(noAnswer(endpoint, script, answer));
    // A start-up file may have left something for the shell's end, with a status of its own.
    if (code !== 0 && !stdout.includes(last)) {
      throw new Failure(`looking at ${endpoint.host} failed (${code}): ${stderr.trim()}`);
    }
    return stdout;
  });
  // Told to whoever waits for it; where nobody does, the facts spoke against this server.
  answer.catch(() => {});
  return { begin: end, answer, mark: script.mark };
}

/** How many seconds all questions may take together; those that may hang have 10 each. */
const FACTS = 60;

/** What the server is, told over a connection that is there. @throws Failure when it cannot tell, or is not fit */
export async function askFacts(
  session: Session,
  endpoint: Endpoint,
  settings: Settings,
  asked: readonly string[],
): Promise<Facts> {
  const { user, host } = endpoint;
  const script = marked(user);
  const text = `${script.first}${factsQuestions(asked, schedules(settings))}`;
  const limit: Limit = { seconds: FACTS, late: (said) => hanging(host, FACTS, said) };
  const answer = await runMarked(session, endpoint, script, text, "\nfacts end\n", { limit });
  const { stdout, stderr, code } = answer;
  if (!stdout && user !== "root") {
    const rules = `${(await session.exec("sudo -n -l")).stdout}`;
    const trouble = sudoTrouble({ user, stderr: answer.all + stderr, code, rules });
    if (trouble) throw new Failure(trouble);
  }
  if (!stdout) throw new Failure(noAnswer(endpoint, script, answer));
  const said = stdout.toString();
  if (code !== 0 && !wholeFacts(said)) throw new Failure(`${host} could not be looked at (${code}): ${stderr.trim()}`);
  const facts = readFacts(said, host);
  if (facts.recorded) throw new Failure(recorded(user));
  refuseUnfit(host, facts);
  return facts;
}

/** The value of an output, or `undefined` when it is not known before something is created. */
export async function valueIfKnown<T>(value: pulumi.Input<T>): Promise<T | undefined> {
  // Pulumi has both on every Output, but declares neither: an `apply` simply does not run in a preview.
  const output = pulumi.output(value) as unknown as { promise(): Promise<T>; isKnown: Promise<boolean> };
  return (await output.isKnown) ? output.promise() : undefined;
}
