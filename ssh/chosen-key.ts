import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { Failure } from "../program/failure";
import { askAgent, chosenKeys, keysAnswer, keysOfAgent, requestOf, splitMessages, withLength } from "./agent";
import { listenLocally, localPath } from "./local-socket";

/** An agent's answer to a request that it refuses. */
const REFUSAL = Buffer.from([5]);

/**
 * The socket of an agent that holds the chosen key alone. With the whole agent the command plugin would offer all
 * keys, and sshd refuses a login after too many.
 */
export const chosenKeyPath = (wanted: string): string => localPath("agent-", wanted);

/** Serves that socket: requests for the chosen key go on to the real agent, all others are refused. */
export const serveChosenKey = (agent: string, wanted: string): Promise<string> =>
  listenLocally("agent-", wanted, (socket) => answerAll(socket, agent, wanted));

function answerAll(socket: Socket, agent: string, wanted: string): void {
  let bytes: Buffer = Buffer.alloc(0);
  let previous: Promise<unknown> = Promise.resolve();
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const { whole, rest } = splitMessages(Buffer.concat([bytes, chunk]));
    bytes = rest;
    for (const message of whole) {
      previous = previous
        .then(() => answerOf(message, agent, wanted))
        .then((reply) => socket.write(withLength(reply)))
        .catch(() => socket.destroy());
    }
  });
}

async function answerOf(message: Buffer, agent: string, wanted: string): Promise<Buffer> {
  const asked = requestOf(message);
  if (asked === "other") return REFUSAL;
  const keys = chosenKeys(await keysOfAgent(agent), wanted);
  if (asked === "keys") return keysAnswer(keys);
  return keys.some(({ blob }) => blob.equals(asked.blob)) ? askAgent(agent, message) : REFUSAL;
}

/**
 * Starts that agent as a separate process, which lives as long as the engine: an `up` deletes resources after the
 * Pulumi program has ended.
 * @throws Failure when it does not start
 */
export async function startChosenKeyAgent(agent: string, wanted: string): Promise<void> {
  const program = join(__dirname, "chosen-key-program.ts");
  const child = spawn(process.execPath, ["-r", require.resolve("ts-node/register/transpile-only"), program], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, TRINITY_AGENT: agent, TRINITY_AGENT_KEY: wanted, TRINITY_UNTIL: String(process.ppid) },
  });
  const up = await Promise.race([once(child.stdout, "data").then(() => true), once(child, "exit").then(() => false)]);
  child.stdout.destroy();
  child.unref();
  if (!up)
    throw new Failure(
      "the way to the chosen key of the ssh-agent could not be opened; set trinitycore:host.ssh.privateKey instead",
    );
}

/** Whether a process exists and is no zombie. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Without /proc a zombie looks like any other process.
    return code === "EPERM" || code === "ENOENT";
  }
}
