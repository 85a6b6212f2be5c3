import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { startChosenKeyAgent } from "../ssh/chosen-key";
import { type Endpoint, endpointOf, withSilentFactors } from "../ssh/endpoint";
import { LoginPace } from "../ssh/login-pace";
import { noAnswer, runMarked, type TimeLimit } from "../ssh/marked-script";
import { Session } from "../ssh/session";
import { markedCommand } from "../ssh/shell";
import { sudoProblem, sudoRecords } from "../ssh/sudo";
import { type BundleFile, bundleVersion, pack, serverScripts, startPacking, unpackAndRun } from "./bundle";
import { lastOutputs } from "./change-of-host";
import { type Facts, factsQuestions, hanging, readFacts, refuseUnfit, schedules, wholeFacts } from "./facts";
import { refuseHarm } from "./harm";
import { type Observation, type Request, readFrames, requestFiles } from "./observation";

type ConnectionArgs = command.types.input.remote.ConnectionArgs;

/** The host as the components see it. */
export interface ReachedHost {
  readonly facts: Facts;
  /** "project/stack": the owner of the host. */
  readonly stack: string;
  /** The user who logs in over SSH: root, or one with passwordless sudo. */
  readonly user: string;
  readonly connection: pulumi.Input<ConnectionArgs>;
  readonly endpoint: Endpoint;
  /** The command plugin's provider, for the commands on this host. */
  readonly provider: command.Provider;
  /** The stack's scripts: their version, and their archive in base64. */
  readonly scripts: { readonly version: string; readonly archive: string };
  /** Decides when the next connection may be opened. */
  readonly pace: LoginPace;
  /** Observes one step. A request of `undefined` means that the step cannot be observed yet. */
  observe(request: Promise<Request | undefined>): Promise<Observation | undefined>;
  /** Whether an `up` of this stack has come to its end on this host, according to its state. */
  converged(): Promise<boolean>;
}

/** Connects to the host once: reads the facts before components are made, then observes all steps in one command. */
export class SshHost implements ReachedHost {
  private questions: { request: Promise<Request | undefined>; answer: Promise<Map<string, Observation>> }[] = [];
  private answer: Promise<Map<string, Observation>> | undefined;
  private lastHost: Promise<string | undefined> | undefined;
  readonly pace: LoginPace;

  private constructor(
    readonly facts: Facts,
    readonly stack: string,
    readonly connection: pulumi.Input<ConnectionArgs>,
    readonly endpoint: Endpoint,
    readonly provider: command.Provider,
    readonly scripts: ReachedHost["scripts"],
    private readonly session: Session,
    private readonly look: Look,
  ) {
    // A preview runs no commands, so it needs no pace.
    const limit = pulumi.runtime.isDryRun() ? undefined : facts.newConnections;
    this.pace = new LoginPace(limit, (text) => void pulumi.log.info(`${endpoint.host}: ${text}`));
  }

  get user(): string {
    return this.endpoint.user;
  }

  /**
   * @param questions arguments for `server/run/facts.sh`
   * @param check throws when the facts speak against this host
   * @throws Failure when the host cannot be reached, asks for a password, belongs to another stack, or fails the check
   */
  static async connect(
    settings: Settings,
    stack: string,
    asked: readonly string[],
    check = (_facts: Facts) => {},
  ): Promise<SshHost> {
    const { endpoint, connection } = await endpointOf(settings);
    // The engine starts a plugin with its first resource: this one starts it while the connection opens.
    const provider = new command.Provider("ssh");
    const session = await Session.open(endpoint, { tell: (text) => void pulumi.log.info(text) });
    try {
      // In a preview the plugin does not log in.
      if (connection.agentSocketPath && endpoint.agent && !pulumi.runtime.isDryRun()) {
        await startChosenKeyAgent(endpoint.agent, endpoint.agentKey ?? "");
      }
      const files = serverScripts();
      const look = startLook(session, endpoint, files);
      const [facts, archive] = await Promise.all([askFacts(session, endpoint, settings, asked), pack(files)]);
      if (facts.owner && facts.owner !== stack && !settings.host.takeover) {
        throw new Failure(
          `${endpoint.host} belongs to the stack ${facts.owner}; to take it over: ` +
            "pulumi config set --path trinitycore:host.takeover true",
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

  /** Closes the connection of a program that fails before the look: an open one would keep the program running. */
  close(): void {
    this.session.close();
  }

  async observe(request: Promise<Request | undefined>): Promise<Observation | undefined> {
    this.answer ??= new Promise((resolve, reject) => setImmediate(() => this.lookNow().then(resolve, reject)));
    this.questions.push({ request, answer: this.answer });
    const [asked, answer] = await Promise.all([request, this.answer]);
    return asked && answer.get(asked.plan.step);
  }

  async converged(): Promise<boolean> {
    this.lastHost ??= lastOutputs().then(({ host }) => host);
    return (await this.lastHost) === this.endpoint.host;
  }

  /** Sends all requests of one turn of the event loop in one command. */
  private async lookNow(): Promise<Map<string, Observation>> {
    const waiting = this.questions;
    this.questions = [];
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
 * The command that observes all steps. It starts as soon as the connection is open, so that the scripts arrive while
 * the facts are read and the plans are made.
 */
interface Look {
  begin(requests: readonly BundleFile[]): void;
  readonly answer: Promise<Buffer>;
  /** Begins each frame of the answer. */
  readonly mark: string;
}

function startLook(session: Session, endpoint: Endpoint, scripts: readonly BundleFile[]): Look {
  const script = markedCommand(endpoint.user);
  const { stream, end } = startPacking(scripts, `${script.first}${unpackAndRun("run/observe.sh", '"$1"')}`);
  const last = `@${script.mark} end\n`;
  const answer = runMarked(session, endpoint, script, stream, last).then((answer) => {
    const { stdout, stderr, code } = answer;
    if (!stdout) throw new Failure(noAnswer(endpoint, script, answer));
    // A start-up file may run something at the shell's end, which changes the exit code.
    if (code !== 0 && !stdout.includes(last)) {
      throw new Failure(`observing ${endpoint.host} failed (${code}): ${stderr.trim()}`);
    }
    return stdout;
  });
  // Where the facts speak against this host, nobody waits for the answer.
  answer.catch(() => {});
  return { begin: end, answer, mark: script.mark };
}

/** Seconds for all facts together; each command that may hang has 10 of its own. */
const FACTS_SECONDS = 60;

async function askFacts(
  session: Session,
  endpoint: Endpoint,
  settings: Settings,
  asked: readonly string[],
): Promise<Facts> {
  const { user, host } = endpoint;
  const script = markedCommand(user);
  const text = `${script.first}${factsQuestions(asked, schedules(settings))}`;
  const limit: TimeLimit = { seconds: FACTS_SECONDS, late: (said) => hanging(host, FACTS_SECONDS, said) };
  const answer = await runMarked(session, endpoint, script, text, "\nfacts end\n", { limit });
  const { stdout, stderr, code } = answer;
  if (!stdout && user !== "root") {
    const rules = `${(await session.exec("sudo -n -l")).stdout}`;
    const trouble = sudoProblem({ user, stderr: answer.all + stderr, code, rules });
    if (trouble) throw new Failure(trouble);
  }
  if (!stdout) throw new Failure(noAnswer(endpoint, script, answer));
  const said = stdout.toString();
  if (code !== 0 && !wholeFacts(said)) throw new Failure(`${host} could not be looked at (${code}): ${stderr.trim()}`);
  const facts = readFacts(said, host);
  if (facts.recorded) throw new Failure(sudoRecords(user));
  refuseUnfit(host, facts);
  return facts;
}

/** The value of an output, or `undefined` in a preview that cannot know it yet. */
export async function valueIfKnown<T>(value: pulumi.Input<T>): Promise<T | undefined> {
  // Pulumi does not declare these two, though every Output has them; an `apply` would not run in a preview.
  const output = pulumi.output(value) as unknown as { promise(): Promise<T>; isKnown: Promise<boolean> };
  return (await output.isKnown) ? output.promise() : undefined;
}
