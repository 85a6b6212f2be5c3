/**
 * command:remote:Command, with what is awkward in the official one: no read, no secrets in outputs, everything shown on
 * failure.
 */
import { randomBytes } from "node:crypto";
import type { Client } from "ssh2";
import { type Connection, checkConnection, dial } from "./dial";
import { type Bag, type Context, type ResourceType, serve } from "./serve";

const SIGNATURE = "4dabf18193072939515e22adb298388d";

interface Inputs {
  connection: Connection;
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  environment?: Record<string, string>;
  logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
  addPreviousOutputInEnv?: boolean;
  stdout?: string;
  stderr?: string;
}
const inputsOf = (properties: Bag) => properties as unknown as Inputs;

/** Passes whole lines on as they come. */
function lines(status: (line: string) => void) {
  let rest = "";
  return (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) if (part.trim()) status(part);
  };
}

interface Execution {
  text: string;
  env: Record<string, string>;
  stdin: string;
  stdout(chunk: string): void;
  stderr(chunk: string): void;
}

/** Runs a text; resolves to what went wrong, if anything did. */
const execute = (client: Client, { text, env, stdin, stdout, stderr }: Execution) =>
  new Promise<string | undefined>((resolve, reject) => {
    client.on("close", () => resolve("the connection was lost"));
    // A quick command's end can come with the answer to its start, so everything is listened to from here on.
    client.exec(text, { env }, (error, channel) => {
      if (error) return reject(error);
      let ended: string | undefined = "the connection was lost";
      channel.on("exit", (code: number | null, signal?: string) => {
        if (code === 0) ended = undefined;
        else ended = signal ? `Process exited with signal ${signal}` : `Process exited with status ${code}`;
      });
      channel.on("close", () => resolve(ended));
      channel.setEncoding("utf8").on("data", stdout);
      channel.stderr.setEncoding("utf8").on("data", stderr);
      channel.end(stdin);
    });
  });

/** ssh2 does not tell whether the host took a variable, so it is looked at. */
async function acceptsVariable(client: Client, key: string, value: string): Promise<boolean> {
  let printed = "";
  const stdout = (chunk: string) => {
    printed += chunk;
  };
  await execute(client, { text: `printenv ${key}`, env: { [key]: value }, stdin: "", stdout, stderr: () => undefined });
  return printed === `${value}\n`;
}

async function run(inputs: Inputs, text: string, context: Context): Promise<{ stdout: string; stderr: string }> {
  // The connection stays open until the engine ends this process, as the official provider leaves it.
  const client = await dial(inputs.connection, context.status);
  const env: Record<string, string> = { ...inputs.environment };
  for (const [key, value] of Object.entries(env)) {
    if (await acceptsVariable(client, key, value)) continue;
    context.error(`Unable to set '${key}': the SSH server must be configured to accept it (AcceptEnv)`);
    throw new Error(`could not set environment variable "${key}": ssh: setenv failed`);
  }
  const previous = { PULUMI_COMMAND_STDOUT: inputs.stdout, PULUMI_COMMAND_STDERR: inputs.stderr };
  for (const [key, value] of Object.entries(inputs.addPreviousOutputInEnv === false ? {} : previous)) {
    if (!value) continue;
    if (await acceptsVariable(client, key, value)) env[key] = value;
    else context.warning(`Unable to set '${key}': the SSH server must be configured to accept it (AcceptEnv)`);
  }
  const output = { stdout: "", stderr: "", both: "" };
  const show = lines(context.status);
  const logging = inputs.logging ?? "stdoutAndStderr";
  const take = (stream: "stdout" | "stderr") => (chunk: string) => {
    output[stream] += chunk;
    output.both += chunk;
    if (logging === stream || logging === "stdoutAndStderr") show(chunk);
  };
  const execution = { text, env, stdin: inputs.stdin ?? "", stdout: take("stdout"), stderr: take("stderr") };
  const problem = await execute(client, execution);
  if (problem) throw new Error(`${problem}: running ${JSON.stringify(text)}:\n${output.both}`);
  return { stdout: output.stdout.replace(/\n$/, ""), stderr: output.stderr.replace(/\n$/, "") };
}

const remoteCommand: ResourceType = {
  computed: ["stdout", "stderr"],
  replaces: ["triggers"],
  check(inputs) {
    const { connection } = inputs;
    if (typeof connection !== "object" || connection === null) return inputs;
    const secret = SIGNATURE in connection;
    const inner = secret ? (connection as Bag).value : connection;
    // A connection that is not known yet is a mere string.
    if (typeof inner !== "object" || inner === null) return inputs;
    const checked = checkConnection(inner as Bag);
    return {
      addPreviousOutputInEnv: true,
      ...inputs,
      connection: secret ? { ...connection, value: checked } : checked,
    };
  },
  async create(inputs, context) {
    const { create } = inputsOf(inputs);
    const ran = create === undefined ? { stdout: "", stderr: "" } : await run(inputsOf(inputs), create, context);
    return { id: `command${randomBytes(8).toString("hex")}`, outputs: { ...inputs, ...ran } };
  },
  async update(_id, old, inputs, context) {
    const before = { stdout: inputsOf(old).stdout ?? "", stderr: inputsOf(old).stderr ?? "" };
    const text = inputsOf(inputs).update ?? inputsOf(inputs).create;
    const ran = text === undefined ? before : await run(inputsOf({ ...inputs, ...before }), text, context);
    return { ...inputs, ...ran };
  },
  async delete(_id, old, context) {
    const text = inputsOf(old).delete;
    if (text !== undefined) await run(inputsOf(old), text, context);
  },
};

serve("1.2.1", { "command:remote:Command": remoteCommand });
