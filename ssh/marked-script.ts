/** Runs a script over SSH and finds out when the login shell does not run it. */
import type { ClientChannel } from "ssh2";
import { Failure } from "../program/failure";
import type { Endpoint, ExecResult, Session } from "./session";
import type { MarkedCommand } from "./shell";

/** How long to wait, in seconds. */
const TIMEOUTS = {
  /** Until the script begins. A slow login shell (a home on the network, version managers) takes a few seconds. */
  mark: 30,
  /** From the script's last word to the end of the command. */
  end: 10,
};

/**
 * How long a script may run once it has begun, and the message when it takes longer, made from its output so far.
 */
export interface TimeLimit {
  readonly seconds: number;
  readonly late: (said: string) => string;
}

/** The output after the mark; undefined when the script did not begin. */
function afterMark(answer: Buffer, mark: string): Buffer | undefined {
  const at = answer.indexOf(`${mark}\n`);
  return at < 0 ? undefined : answer.subarray(at + mark.length + 1);
}

/**
 * The output of a marked script: `stdout` is undefined when it did not begin, `all` includes what came before the mark.
 */
export interface Answer extends Omit<ExecResult, "stdout"> {
  readonly stdout: Buffer | undefined;
  readonly all: string;
}

/**
 * Runs a marked script.
 * @param last the last words of the script's output
 * @throws Failure when the script does not begin in time, or when a start-up file keeps the connection open
 */
export async function runMarked(
  session: Session,
  endpoint: Endpoint,
  { command, mark }: MarkedCommand,
  stdin: Parameters<Session["exec"]>[1],
  last: string,
  { timeouts = TIMEOUTS, limit }: { readonly timeouts?: typeof TIMEOUTS; readonly limit?: TimeLimit } = {},
): Promise<Answer> {
  let heard = "";
  let begun = false;
  let timer: NodeJS.Timeout | undefined;
  let tooLate: (failure: Failure) => void = () => {};
  const late = new Promise<never>((_, reject) => {
    tooLate = reject;
  });
  const within = (seconds: number, why: () => string) => {
    clearTimeout(timer);
    timer = setTimeout(() => tooLate(new Failure(why())), seconds * 1000);
  };
  within(timeouts.mark, () => shellWaits(endpoint, timeouts.mark, heard));
  const ran = session.exec(command, stdin, (chunk) => {
    heard += chunk.toString("latin1");
    const begin = heard.indexOf(mark);
    if (begin < 0) return;
    if (heard.includes(last, begin)) within(timeouts.end, () => shellStaysOpen(endpoint));
    else if (begun) return;
    else if (limit) within(limit.seconds, () => limit.late(heard.slice(heard.indexOf("\n", begin) + 1)));
    else clearTimeout(timer);
    begun = true;
  });
  try {
    const { stdout, stderr, code } = await Promise.race([ran, late]);
    return { stdout: afterMark(stdout, mark), all: stdout.toString(), stderr, code };
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for the mark on a channel; what follows it can still be read. @throws Failure when the mark does not come */
export function untilMark(channel: ClientChannel, mark: string, seconds = TIMEOUTS.mark): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0);
    const over = () => {
      clearTimeout(timer);
      channel.off("data", take).off("close", closed);
    };
    const closed = () => {
      over();
      reject(new Failure("the command did not begin"));
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

/** Why a script did not begin, and what to do. */
export function noAnswer(endpoint: Endpoint, { command, mark }: MarkedCommand, { all, stderr, code }: Answer): string {
  const { user } = endpoint;
  const said = quotedEnd(all + stderr);
  // The half of the mark that is in the script itself.
  const foreign = all.includes(mark.slice(command.length - command.lastIndexOf(" ") - 1));
  if (!foreign && /account is (currently )?not available|nologin/i.test(said)) {
    return (
      `${shellOf(endpoint)} lets nobody in${said}; give ${user} another one (usermod -s /bin/bash ${user}), ` +
      "or log in as somebody else with trinitycore:host.ssh.user"
    );
  }
  if (!foreign && /change required but no TTY|password has expired/i.test(said)) {
    return (
      `the password of ${user} on ${endpoint.host} has expired, ` +
      `and sshd runs no command before it is changed${said}; ` +
      `change it there (\`ssh ${user}@${endpoint.host}\` asks for it), ` +
      `or let it expire no more (chage -d "$(date +%F)" -M -1 ${user})`
    );
  }
  const end = code === null ? "it was ended by a signal" : `it ended with status ${code}`;
  const why = foreign
    ? "another program reads what is meant for the command, as after an `exec` of another shell in a start-up file"
    : `${end} before it ran the command${said}`;
  return `${shellOf(endpoint)} runs no command: ${why}; ${shellRemedy(endpoint)}`;
}

const shellWaits = (endpoint: Endpoint, seconds: number, heard: string) =>
  `${shellOf(endpoint)} waits for something: it has not run the command after ${seconds} s${quotedEnd(heard)}; ` +
  shellRemedy(endpoint);

const shellStaysOpen = (endpoint: Endpoint) =>
  `${shellOf(endpoint)} does not end: a program that one of its start-up files leaves running keeps the connection ` +
  `open; ${shellRemedy(endpoint)}`;

const shellOf = ({ user, host }: Endpoint) => `the login shell of ${user} on ${host}`;

const shellRemedy = ({ user, host }: Endpoint) =>
  `\`ssh ${user}@${host} echo here\` must say "here" and end by itself. Where its start-up files (~/.bashrc, ` +
  "~/.zshenv, ~/.tcshrc, config.fish, the file in BASH_ENV) end it, start another program, ask or read, " +
  "let them do so for a terminal only, as with `[[ $- == *i* ]] || return` at the top of ~/.bashrc; " +
  "a forced command (command= in authorized_keys, ForceCommand in sshd_config) or a shell like /bin/false must go";

/** The end of an output, on one line and without control characters. */
function quotedEnd(said: string): string {
  const words = said
    .replaceAll(/[^\P{C}\s]|\s+/gu, " ")
    .replaceAll(/ +/g, " ")
    .trim();
  return words === "" ? "" : ` (it said: ${words.length > 160 ? `…${words.slice(-160)}` : words})`;
}
