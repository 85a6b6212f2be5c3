/** The whole realm built under Pulumi's mocks, on a host that answers from a table. */
import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { withLayout } from "../../../components/layout";
import type { Settings } from "../../../settings";
import { endpointOf } from "../../../ssh/endpoint";
import { LoginPace } from "../../../ssh/login-pace";
import type { Facts } from "../../../steps/facts";
import type { ReachedHost } from "../../../steps/host";
import type { Observation, Request } from "../../../steps/observation";
import { facts } from "../../server/facts-of";
import { load, privateKey } from "../settings/source";
import { seen } from "../steps/seen";

type Raw = Record<string, unknown>;

/** A resource as the engine is told of it: secrets still marked as such. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly parent: string;
  readonly custom: boolean;
  readonly needs: readonly string[];
  readonly inputs: Raw;
  readonly importId: string;
  readonly retained: boolean;
  readonly ignored: readonly string[];
  /** What its parent was in the state of an earlier version. */
  readonly aliases: readonly string[];
}
type Alias = { getSpec(): { getParenturn(): string } | undefined };

let registered: Registered[] = [];
export const registrations = (): readonly Registered[] => registered;

/** Nothing is known of a random password, or of random bytes, before they are made. */
const mocks: pulumi.runtime.Mocks = {
  newResource: ({ name, type, inputs }) => {
    const atRandom = (what: string) => type === `random:index/random${what}` && !pulumi.runtime.isDryRun();
    const password = atRandom("Password:RandomPassword") ? { result: `SECRET-random-${name}` } : {};
    const bytes = atRandom("Bytes:RandomBytes") ? { hex: createHash("sha256").update(name).digest("hex") } : {};
    const ran = type === "command:remote:Command" ? { stdout: `progress\n${name} is fine\n` } : {};
    return { id: name, state: { ...inputs, ...ran, ...password, ...bytes } };
  },
  call: ({ inputs }) => inputs,
};
// The SDK notes where each promise and resource was made: two thirds of these tests' time, and none looks at it.
Object.assign(require("@pulumi/pulumi/runtime/debuggable"), { debuggablePromise: (promise: unknown) => promise });
Object.assign(pulumi.Resource, { stackTrace: () => [] });
const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks");
const register = MockMonitor.prototype.registerResource;
MockMonitor.prototype.registerResource = function (request: never, answer: (error: unknown, response?: never) => void) {
  const get = (what: string) => (request as Record<string, () => unknown>)[`get${what}`]?.call(request);
  return register.call(this, request, (error: unknown, response: never) => {
    if (!error) {
      registered.push({
        type: get("Type") as string,
        name: get("Name") as string,
        urn: (response as { getUrn(): string }).getUrn(),
        parent: get("Parent") as string,
        custom: get("Custom") as boolean,
        needs: get("DependenciesList") as string[],
        inputs: (get("Object") as { toJavaScript(): Raw }).toJavaScript(),
        importId: get("Importid") as string,
        retained: get("Retainondelete") as boolean,
        ignored: get("IgnorechangesList") as string[],
        aliases: (get("AliasesList") as Alias[]).map((alias) => alias.getSpec()?.getParenturn() ?? ""),
      });
    }
    answer(error, response);
  });
};

/** Begins anew, with nothing registered. */
export function resetMocks(preview = false): void {
  pulumi.runtime.setMocks(mocks, "trinitycore", "test", preview, "organization");
  registered = [];
  warn.mockClear();
}

// Pulumi takes its mocks only before a resource class is loaded.
pulumi.runtime.setMocks(mocks, "trinitycore", "test");
const { makeRealm } = require("../../../components/realm") as typeof import("../../../components/realm");
export const { SshHost } = require("../../../steps/host") as typeof import("../../../steps/host");
const { DatabaseTunnel } =
  require("../../../components/mysql/tunnel") as typeof import("../../../components/mysql/tunnel");

jest.spyOn(DatabaseTunnel, "open").mockResolvedValue("/run/tunnel.sock");
export const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
jest.spyOn(pulumi.log, "info").mockResolvedValue();
delete process.env.SSH_AUTH_SOCK;

export const inSync: Observation = seen({ token: "aaaa1111", outcome: "well" });
export const neverApplied: Observation = { ...inSync, token: "", receipt: "new" };
export const converged = {
  owner: "trinitycore/test",
  pageRealm: 1,
  databases: new Map(["authserver", "characters", "worldserver"].map((name) => [name, "utf8mb4"])),
};

/** What is seen of each step; what it does not name is as `rest` says. */
type Table = Readonly<Record<string, Observation>> | ((request: Request) => Observation | undefined);

/** A host that answers from a table. */
export async function fakeHost(settings: Settings, on: Facts, table: Table, rest: Observation) {
  const { endpoint, connection } = await endpointOf(settings);
  const asked: Request[] = [];
  const observe: ReachedHost["observe"] = async (request) => {
    const known = await request;
    if (known) asked.push(known);
    return known && ((typeof table === "function" ? table(known) : table[known.plan.step]) ?? rest);
  };
  const scripts = { version: "0123456789ab", archive: "QVJDSElWRQ==" };
  const provider = new command.Provider("ssh");
  const host: ReachedHost = {
    ...{ facts: on, stack: "trinitycore/test", user: endpoint.user, connection, endpoint, provider, scripts },
    pace: new LoginPace(),
    observe,
    converged: async () => true,
  };
  return { host, asked };
}

export const allRegistered = () => (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();

export interface Case {
  readonly table?: Table;
  readonly rest?: Observation;
  readonly on?: Partial<Facts>;
  readonly settings?: Settings;
  readonly preview?: boolean;
}

export async function build({
  table = {},
  rest = inSync,
  on = converged,
  settings = config,
  preview = false,
}: Case = {}) {
  resetMocks(preview);
  const { host, asked } = await fakeHost(settings, facts(on), table, rest);
  makeRealm({ host, settings: withLayout(settings, host.facts) });
  await allRegistered();
  const commands = registered.filter(({ type }) => type === "command:remote:Command");
  const byName = new Map(registered.filter(({ custom }) => custom).map((resource) => [resource.name, resource]));
  const creates = Object.fromEntries(commands.map(({ name, inputs }) => [name, inputs.update as string]));
  return { resources: registered, commands, byName, creates, asked };
}

export const config = load({ "host.ssh.agent": "false", "host.ssh.privateKey": privateKey() }, ["host.ssh.privateKey"]);
