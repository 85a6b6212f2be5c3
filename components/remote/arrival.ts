/** Whether a script that was sent was come to at all, or a login shell has something else in mind. */
import type { ClientChannel } from "ssh2";
import { Failure } from "../failure";
import type { Endpoint, ExecResult, Session } from "./session";
import type { Marked } from "./shell";

/** A slow login shell (a home on the network, version managers) is through in a few seconds. */
const SHELL_SECONDS = 30;

/** What was said after the mark; undefined when the script was not come to. */
export function afterMark(answer: Buffer, mark: string): Buffer | undefined {
  const at = answer.indexOf(`${mark}\n`);
  return at < 0 ? undefined : answer.subarray(at + mark.length + 1);
}

/**
 * Runs a script behind its mark; stdout of the answer is what came after it, or undefined.
 * @throws Failure when the login shell waits for something
 */
export async function runMarked(
  session: Session,
  { host, user }: Endpoint,
  { command, mark }: Marked,
  stdin: Parameters<Session["exec"]>[1],
  seconds = SHELL_SECONDS,
): Promise<Omit<ExecResult, "stdout"> & { readonly stdout: Buffer | undefined; readonly before: string }> {
  let heard = "";
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const why = `it has not come to the command it was given after ${seconds} s${saying(heard)}`;
      reject(new Failure(`${shellOf(user, host)} waits for something: ${why}; ${remedy(user, host)}`));
    }, seconds * 1000);
  });
  const ran = session.exec(command, stdin, (chunk) => {
    heard += chunk.toString("latin1");
    if (heard.includes(mark)) clearTimeout(timer);
  });
  try {
    const { stdout, stderr, code } = await Promise.race([ran, late]);
    return { stdout: afterMark(stdout, mark), before: stdout.toString(), stderr, code };
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a channel has said the mark; what it says after it is still to be read. */
export function untilMark(channel: ClientChannel, mark: string, seconds = SHELL_SECONDS): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0);
    const over = () => {
      clearTimeout(timer);
      channel.off("data", take).off("close", closed);
    };
    const closed = () => {
      over();
      reject(new Failure("the command was not come to"));
    };
    const timer = setTimeout(() => {
      channel.close();
      closed();
    }, seconds * 1000).unref();
    const take = (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      const rest = afterMark(heard, mark);
      if (!rest) return;
      over();
      channel.pause();
      if (rest.length > 0) channel.unshift(rest);
      resolve();
    };
    channel.on("data", take).once("close", closed);
  });
}

/** Why a script was not come to, and what to do. */
export function neverCame(
  { host, user }: Endpoint,
  { command, mark }: Marked,
  said: string,
  code: number | null,
): string {
  const half = command.slice(command.lastIndexOf(" ") + 1);
  const foreign = said.includes(mark.slice(half.length));
  if (!foreign && /account is (currently )?not available|nologin/i.test(said)) {
    return (
      `${shellOf(user, host)} lets nobody in${saying(said)}; give ${user} another one (usermod -s /bin/bash ${user}), ` +
      "or log in as somebody else with trinitycore:ssh.user"
    );
  }
  const end = code === null ? "it was ended by a signal" : `it ended with status ${code}`;
  const why = foreign
    ? "another program reads what is meant for the command, as after an `exec` of another shell in a start-up file"
    : `${end} before it came to the command it was given${saying(said)}`;
  return `${shellOf(user, host)} runs no command: ${why}; ${remedy(user, host)}`;
}

const shellOf = (user: string, host: string) => `the login shell of ${user} on ${host}`;

const remedy = (user: string, host: string) =>
  `\`ssh ${user}@${host} echo here\` must say "here" and end by itself. Where its start-up files (~/.bashrc, ~/.zshenv, ~/.tcshrc, config.fish, ` +
  "the file in BASH_ENV) end it, start another program, ask or read, let them do so for a terminal only, as with `[[ $- == *i* ]] || return` " +
  "at the top of ~/.bashrc; a forced command (command= in authorized_keys, ForceCommand in sshd_config) must go";

/** The end of what was printed, on one line and without what could draw on a terminal. */
function saying(said: string): string {
  const words = said.replaceAll(/[^\P{C}]+/gu, " ").trim();
  return words === "" ? "" : ` (it said: ${words.length > 160 ? `…${words.slice(-160)}` : words})`;
}
