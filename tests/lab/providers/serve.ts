/**
 * Serves a provider to the Pulumi engine. Not through @pulumi/pulumi/provider: that one passes neither the provider's
 * configuration on, nor whether a call is a preview, nor live status, and loads the whole SDK.
 */
import { flushCompileCache } from "node:module";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Bag = Record<string, unknown>;

/** What a resource's methods get besides its properties. */
export interface Context {
  readonly config: Bag;
  /** Shows as the resource's live status, and is gone afterwards. */
  status(line: string): void;
  warning(text: string): void;
  error(text: string): void;
}

export interface ResourceType {
  /** Outputs that are known only after it ran. */
  readonly computed: readonly string[];
  /** Of these, the ones that hold a secret. */
  readonly secrets?: readonly string[];
  /** Inputs whose change replaces the resource; any other change updates it. */
  readonly replaces: readonly string[];
  /** Returns the inputs with their defaults; throws when they cannot be. */
  check?(inputs: Bag, name: string): Bag;
  create(inputs: Bag, context: Context): Promise<{ id: string; outputs: Bag }>;
  /** Undefined: it is gone. No read at all: the state is believed. */
  read?(id: string, state: Bag, context: Context): Promise<Bag | undefined>;
  update(id: string, old: Bag, inputs: Bag, context: Context): Promise<Bag>;
  delete?(id: string, old: Bag, context: Context): Promise<void>;
}

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const isObject = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);

function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) return reveal(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}
const revealBag = (bag: Bag): Bag => reveal(bag) as Bag;
const holds = (value: unknown, what: (v: unknown) => boolean): boolean =>
  what(value) ||
  (typeof value === "object" && value !== null && Object.values(value).some((inner) => holds(inner, what)));
const hasSecret = (value: unknown) => holds(value, (v) => isObject(v) && v[SIGNATURE] === SECRET);
const hasUnknown = (value: unknown) => holds(value, (v) => v === UNKNOWN);
const hide = (value: unknown): unknown => (hasSecret(value) ? value : { [SIGNATURE]: SECRET, value });

const bag = (struct: Struct | undefined): Bag => (struct?.toJavaScript() ?? {}) as Bag;
type Json = Parameters<typeof Struct.fromJavaScript>[0];
const struct = (properties: Bag) =>
  Struct.fromJavaScript(Object.fromEntries(Object.entries(properties).filter(([, v]) => v !== undefined)) as Json);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, v) => (isObject(v) ? Object.fromEntries(Object.entries(v).sort()) : v)) ?? "";

type Call<T> = { request: T };
type Reply = (error: Partial<grpc.ServiceError> | null, response?: unknown) => void;

export function serve(version: string, types: Record<string, ResourceType>): void {
  // The engine's first plain argument is its own address.
  const address = process.argv.slice(2).find((argument) => /^[\w.:-]+:\d+$/.test(argument));
  const engine = address ? new EngineClient(address, grpc.credentials.createInsecure()) : undefined;
  let config: Bag = {};
  let logged: Promise<void> = Promise.resolve();

  const typeOf = (urn: string): ResourceType => {
    const token = urn.split("::")[2]?.split("$").pop() ?? "";
    const type = types[token];
    if (!type) throw new Error(`this stand-in provider has no resource type ${token}`);
    return type;
  };
  const log = (urn: string, severity: LogSeverity, text: string, ephemeral: boolean) => {
    const request = new LogRequest().setSeverity(severity).setUrn(urn).setMessage(text).setEphemeral(ephemeral);
    // One after the other: two at once may arrive the wrong way round.
    logged = logged.then(() => new Promise((done) => (engine ? engine.log(request, () => done()) : done())));
  };
  const context = (urn: string): Context => ({
    config,
    status: (line) => log(urn, LogSeverity.INFO, line, true),
    warning: (text) => log(urn, LogSeverity.WARNING, text, false),
    error: (text) => log(urn, LogSeverity.ERROR, text, false),
  });
  /** Outputs as they go into the state: a secret input stays secret there. */
  const state = (type: ResourceType, outputs: Bag, inputs: Bag) =>
    struct(
      Object.fromEntries(
        Object.entries(outputs).map(([key, value]) => {
          if (hasSecret(inputs[key])) return [key, value === undefined ? value : hide(value)];
          return [key, type.secrets?.includes(key) && value !== undefined ? hide(value) : value];
        }),
      ),
    );
  const foreseen = (type: ResourceType, inputs: Bag) =>
    state(type, { ...revealBag(inputs), ...Object.fromEntries(type.computed.map((key) => [key, UNKNOWN])) }, inputs);

  async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
    if (!seconds) return work;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`timed out after ${seconds} s`)), seconds * 1000);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
  const unary =
    <Q>(handle: (request: Q) => unknown) =>
    async (call: Call<Q>, reply: Reply) => {
      try {
        const response = await handle(call.request);
        await logged;
        reply(null, response);
      } catch (error) {
        await logged;
        reply({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
      }
    };

  function diff(olds: Bag, news: Bag, replaces: readonly string[]): pb.DiffResponse {
    const response = new pb.DiffResponse();
    const changed = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
      (key) => hasUnknown(news[key]) || canonical(reveal(olds[key])) !== canonical(reveal(news[key])),
    );
    response.setChanges(changed.length ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE);
    response.setDiffsList(changed);
    response.setReplacesList(changed.filter((key) => replaces.includes(key)));
    return response;
  }

  const service = {
    getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
    getSchema: unary(() => new pb.GetSchemaResponse().setSchema("{}")),
    attach: unary(() => new Empty()),
    cancel: unary(() => new Empty()),
    checkConfig: unary((request: pb.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary((request: pb.DiffRequest) =>
      diff(bag(request.getOldInputs() ?? request.getOlds()), bag(request.getNews()), []),
    ),
    configure: unary((request: pb.ConfigureRequest) => {
      config = revealBag(bag(request.getArgs()));
      return new pb.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    check: unary((request: pb.CheckRequest) => {
      const news = bag(request.getNews());
      const name = request.getUrn().split("::").pop() ?? "";
      return new pb.CheckResponse().setInputs(struct(typeOf(request.getUrn()).check?.(news, name) ?? news));
    }),
    diff: unary((request: pb.DiffRequest) => {
      const ignored = request.getIgnorechangesList();
      const keep = (inputs: Bag) =>
        Object.fromEntries(Object.entries(inputs).filter(([key]) => !ignored.includes(key)));
      return diff(keep(bag(request.getOldInputs())), keep(bag(request.getNews())), typeOf(request.getUrn()).replaces);
    }),
    create: unary(async (request: pb.CreateRequest) => {
      const type = typeOf(request.getUrn());
      const inputs = bag(request.getProperties());
      if (request.getPreview()) return new pb.CreateResponse().setProperties(foreseen(type, inputs));
      const made = await within(request.getTimeout(), type.create(revealBag(inputs), context(request.getUrn())));
      return new pb.CreateResponse().setId(made.id).setProperties(state(type, made.outputs, inputs));
    }),
    read: unary(async (request: pb.ReadRequest) => {
      const type = typeOf(request.getUrn());
      const old = bag(request.getProperties());
      if (!type.read)
        return new pb.ReadResponse()
          .setId(request.getId())
          .setProperties(request.getProperties())
          .setInputs(request.getInputs());
      const seen = await type.read(request.getId(), revealBag(old), context(request.getUrn()));
      if (!seen) return new pb.ReadResponse();
      const inputs = Object.fromEntries(Object.entries(seen).filter(([key]) => !type.computed.includes(key)));
      return new pb.ReadResponse()
        .setId(request.getId())
        .setProperties(state(type, seen, old))
        .setInputs(struct(inputs));
    }),
    update: unary(async (request: pb.UpdateRequest) => {
      const type = typeOf(request.getUrn());
      const news = bag(request.getNews());
      if (request.getPreview()) return new pb.UpdateResponse().setProperties(foreseen(type, news));
      const old = revealBag(bag(request.getOlds()));
      const work = type.update(request.getId(), old, revealBag(news), context(request.getUrn()));
      return new pb.UpdateResponse().setProperties(state(type, await within(request.getTimeout(), work), news));
    }),
    delete: unary(async (request: pb.DeleteRequest) => {
      const old = revealBag(bag(request.getProperties()));
      await within(
        request.getTimeout(),
        typeOf(request.getUrn()).delete?.(request.getId(), old, context(request.getUrn())) ?? Promise.resolve(),
      );
      return new Empty();
    }),
  };

  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(
    ResourceProviderService as unknown as grpc.ServiceDefinition,
    service as unknown as grpc.UntypedServiceImplementation,
  );
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    // The engine reads the port from the first line.
    process.stdout.write(`${port}\n`);
    // The engine ends this process before it would write its cache by itself. Node below 22 has none.
    flushCompileCache?.();
  });
}
