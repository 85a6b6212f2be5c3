/** The keys that the operator's ssh would log in with, as values of the config. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { utils } from "ssh2";
import { Failure } from "../program/failure";
import { hasPassphrase, privateKey as privateKeyProblem, tidyPrivateKey } from "../settings/key-rules";
import { type AgentKey, chosenKeys, fingerprint, keysOfAgent } from "../ssh/agent";
import type { SshTarget } from "../ssh/openssh";
import { askHidden, onTerminal } from "./ask";
import type { Value } from "./engine-stack";

/** One way to log in: what it is called, and the values that make the stack use it. */
export interface Login {
  readonly name: string;
  readonly values: readonly Value[];
}

export interface LoginChoice {
  /** A private key's file, in the place of what ssh would try. */
  readonly key?: string;
  /** The agent alone. */
  readonly agent?: boolean;
}

/** A key that is not tried, and why. */
type Skip = (why: string) => void;

/** All of them, in the order in which ssh tries them; a passphrase is asked for when its key's turn comes. */
export async function* logins(target: SshTarget, { key, agent }: LoginChoice, skip: Skip): AsyncGenerator<Login> {
  if (!key) yield* ofAgent(target, skip);
  if (agent) return;
  if (key && !existsSync(key)) throw new Failure(`--key ${key} is not there`);
  for (const file of (key ? [key] : target.keyFiles).filter((path) => existsSync(path))) {
    const values = await valuesOf(file, skip);
    if (values) yield { name: `the key ${file}`, values };
  }
}

async function* ofAgent({ agent, keyFiles, onlyTheseKeys }: SshTarget, skip: Skip): AsyncGenerator<Login> {
  const socket = process.env.SSH_AUTH_SOCK;
  if (agent === "none") return;
  if (agent !== undefined && agent !== socket) {
    skip(`the agent at ${agent} is not that of SSH_AUTH_SOCK, which the stack uses (export SSH_AUTH_SOCK=${agent})`);
    return;
  }
  if (!socket) return;
  let keys: AgentKey[];
  try {
    keys = await keysOfAgent(socket);
  } catch (error) {
    skip((error as Error).message);
    return;
  }
  const use: Value = { path: "host.ssh.agent", text: "true" };
  const own = keyFiles.flatMap(publicKeyOf).find((key) => chosenKeys(keys, key).length > 0);
  if (own) {
    const chosen = fingerprint(own.split(" ")[1] as string);
    yield { name: `the agent's key ${chosen}`, values: [use, { path: "host.ssh.agentKey", text: chosen }] };
  }
  if (!onlyTheseKeys && keys.length > (own ? 1 : 0)) yield { name: "the agent's keys", values: [use] };
}

/** The public key beside a private one, where it is there. */
function publicKeyOf(file: string): string[] {
  const beside = file.endsWith(".pub") ? file : `${file}.pub`;
  if (!existsSync(beside)) return [];
  const words = readFileSync(beside, "utf8").trim().split(/\s+/);
  return words.length >= 2 ? [words.slice(0, 2).join(" ")] : [];
}

/** The values for a private key's file; undefined where it cannot be used. */
async function valuesOf(file: string, skip: Skip): Promise<readonly Value[] | undefined> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    skip(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
  const problem = privateKeyProblem(text);
  if (problem) {
    skip(`${file} ${problem}`);
    return undefined;
  }
  const key: Value = { path: "host.ssh.privateKey", text: tidyPrivateKey(text), secret: true };
  if (!hasPassphrase(text)) {
    const parsed = utils.parseKey(text);
    if (!(parsed instanceof Error)) return [key];
    skip(`${file} is of a kind that only an agent can use (ssh-add ${file})`);
    return undefined;
  }
  if (!onTerminal()) {
    skip(`${file} has a passphrase, and there is no terminal to ask on (ssh-add ${file})`);
    return undefined;
  }
  for (;;) {
    const passphrase = await askHidden(`Passphrase of ${file}, or nothing to pass it over`);
    if (passphrase === "") return undefined;
    if (!(utils.parseKey(text, passphrase) instanceof Error))
      return [key, { path: "host.ssh.privateKeyPassphrase", text: passphrase, secret: true }];
    console.error(`  it does not open ${basename(file)}`);
  }
}
