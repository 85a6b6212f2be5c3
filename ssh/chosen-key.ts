import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { Failure } from "../program/failure";
import { ask, chosen, framed, keysIn, listOf, messages, question } from "./agent";
import { listenLocally, localPath } from "./local-socket";

/** An agent's answer when it does not do what it is asked for. */
const REFUSAL = Buffer.from([5]);

/**
 * Where the command plugin finds an agent that holds the chosen key alone: it would offer all keys of a whole one, more
 * than a server takes.
 */
export const chosenKeyPath = (wanted: string): string => localPath("agent-", wanted);

/** Serves it: what is asked for the chosen key goes on to the agent, anything else is refused. */
export const serveChosenKey = (agent: string, wanted: string): Promise<string> =>
  listenLocally("agent-", wanted, (socket) => answerAll(socket, agent, wanted));

function answerAll(socket: Socket, agent: string, wanted: string): void {
  let bytes: Buffer = Buffer.alloc(0);
  let last: Promise<unknown> = Promise.resolve();
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const { whole, rest } = messages(Buffer.concat([bytes, chunk]));
    bytes = rest;
    for (const message of whole) {
      last = last
        .then(() => answer(message, agent, wanted))
        .then((reply) => socket.write(framed(reply)))
        .catch(() => socket.destroy());
    }
  });
}

async function answer(message: Buffer, agent: string, wanted: string): Promise<Buffer> {
  const asked = question(message);
  if (asked === "other") return REFUSAL;
  const keys = chosen(keysIn(await ask(agent, Buffer.from([11]))), wanted);
  if (asked === "keys") return listOf(keys);
  return keys.some(({ blob }) => blob.equals(asked.blob)) ? ask(agent, message) : REFUSAL;
}

/**
 * Starts it as a program of its own, which lives as long as the engine: what an `up` removes is removed after this
 * program has ended.
 * @throws Failure when it does not come up
 */
export async function keepChosenKey(agent: string, wanted: string): Promise<void> {
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

/** Whether a process is there and is no corpse. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Without /proc it is known only that it is there.
    return code === "EPERM" || code === "ENOENT";
  }
}
