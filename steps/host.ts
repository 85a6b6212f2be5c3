import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { startChosenKeyAgent } from "../ssh/chosen-key";
import { type Endpoint, endpointOf, withSilentFactors } from "../ssh/endpoint";
import { LoginPace } from "../ssh/login-pace";
import { Session } from "../ssh/session";
import { bundleVersion, pack, serverScripts } from "./bundle";
import { lastOutputs } from "./change-of-host";
import type { Facts } from "./facts";
import { ownedByAnother, refuseHarm } from "./harm";
import { askFacts, type Look, startLook } from "./look";
import type { Observation, Request } from "./observation";

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
      const other = ownedByAnother(facts, stack, settings.host);
      if (other) throw new Failure(other);
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
      const seen = await this.look.observe(requests);
      refuseHarm(this.endpoint.host, seen);
      return seen;
    } finally {
      this.session.close();
    }
  }
}

/** The value of an output, or `undefined` in a preview that cannot know it yet. */
export async function valueIfKnown<T>(value: pulumi.Input<T>): Promise<T | undefined> {
  // Pulumi does not declare these two, though every Output has them; an `apply` would not run in a preview.
  const output = pulumi.output(value) as unknown as { promise(): Promise<T>; isKnown: Promise<boolean> };
  return (await output.isKnown) ? output.promise() : undefined;
}
