import { createHash } from "node:crypto";
import { connect } from "node:net";
import { Failure } from "../program/failure";

/** A key that an ssh-agent holds; `blob` is the public key, or the whole certificate. */
export interface AgentKey {
  readonly type: string;
  readonly blob: Buffer;
  readonly comment: string;
}

/** Message types of the agent's protocol. A message is its length, its type in one byte, and its fields. */
const LIST_KEYS = 11;
const KEYS_ANSWER = 12;
const SIGN = 13;
const SIGNATURE = 14;
const ANSWER_MS = 10_000;
/** A signature may wait until a person touches a hardware key or confirms on the screen. */
const SIGN_MS = 120_000;

export const withLength = (message: Buffer): Buffer => Buffer.concat([number(message.length), message]);
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Splits received bytes into complete messages and the rest. */
export function splitMessages(bytes: Buffer): { whole: Buffer[]; rest: Buffer } {
  const whole: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
    const end = 4 + rest.readUInt32BE(0);
    whole.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return { whole, rest };
}

/** Sends one message to the agent at a socket. @returns its answer @throws Failure when there is none */
export function askAgent(socket: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const agent = connect(socket);
    const fail = (why: string) => {
      agent.destroy();
      reject(new Failure(`the ssh-agent at ${socket} does not answer (${why}); look at it with \`ssh-add -l\``));
    };
    let bytes: Buffer = Buffer.alloc(0);
    agent.setTimeout(message[0] === SIGN ? SIGN_MS : ANSWER_MS, () => fail("it takes too long"));
    agent.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    agent.on("close", () => fail("it closed the connection"));
    agent.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const [answer] = splitMessages(bytes).whole;
      if (!answer) return;
      agent.removeAllListeners("close").destroy();
      resolve(answer);
    });
    agent.write(withLength(message));
  });
}

/** Reads the length-prefixed fields of a message one after the other. */
function fieldReader(bytes: Buffer, at = 0) {
  let position = at;
  return {
    number: () => {
      position += 4;
      return bytes.readUInt32BE(position - 4);
    },
    field(): Buffer {
      const length = this.number();
      position += length;
      return bytes.subarray(position - length, position);
    },
  };
}

/** The keys in an agent's answer to the request for its list. */
export function keysIn(answer: Buffer): AgentKey[] {
  if (answer[0] !== KEYS_ANSWER) return [];
  const read = fieldReader(answer, 1);
  return Array.from({ length: read.number() }, () => {
    const blob = read.field();
    return { type: `${fieldReader(blob).field()}`, blob, comment: `${read.field()}` };
  });
}

/** The keys that the agent at a socket holds. @throws Failure when it does not answer */
export const keysOfAgent = async (socket: string): Promise<AgentKey[]> =>
  keysIn(await askAgent(socket, Buffer.from([LIST_KEYS])));

/** An agent's answer that lists these keys. */
export const keysAnswer = (keys: readonly AgentKey[]): Buffer =>
  Buffer.concat([
    Buffer.from([KEYS_ANSWER]),
    number(keys.length),
    ...keys.flatMap(({ blob, comment }) => [withLength(blob), withLength(Buffer.from(comment))]),
  ]);

/** What a message asks an agent for: its keys, a signature with a key, or something else. */
export function requestOf(message: Buffer): "keys" | { readonly blob: Buffer } | "other" {
  if (message[0] === LIST_KEYS) return "keys";
  return message[0] === SIGN ? { blob: fieldReader(message, 1).field() } : "other";
}

/** The number of fields in a public key of each type, without the type's name; 2 for those not named. */
const fieldCounts: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "sk-ssh-ed25519@openssh.com": 2,
  "sk-ecdsa-sha2-nistp256@openssh.com": 3,
};
const CERTIFICATE = /-cert-v01(?=@openssh\.com$)/;
const keyType = (type: string): string => {
  const plain = type.replace(CERTIFICATE, "");
  return plain.startsWith("sk-") ? plain : plain.replace(/@openssh\.com$/, "");
};

/** The public key alone, without what a certificate has before and after it. */
function publicKey({ type, blob }: AgentKey): Buffer {
  if (!CERTIFICATE.test(type)) return blob;
  const read = fieldReader(blob);
  read.field();
  read.field();
  const plain = keyType(type);
  const parts = Array.from({ length: fieldCounts[plain] ?? 2 }, () => read.field());
  return Buffer.concat([Buffer.from(plain), ...parts].map(withLength));
}

const digest = (blob: Buffer): string =>
  `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

/** A key's fingerprint as `ssh-keygen -l` prints it. */
export const fingerprint = (keyBase64: string): string => digest(Buffer.from(keyBase64, "base64"));

/** A key's name as `ssh-add -l` prints it. */
export const nameOf = (key: AgentKey): string =>
  `${key.comment || keyType(key.type)} (${CERTIFICATE.test(key.type) ? "certificate, " : ""}${digest(publicKey(key))})`;

const lastWord = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * The keys that match a comment, the file name in a comment, a fingerprint or a public key; each with its certificate.
 */
export function chosenKeys(keys: readonly AgentKey[], wanted: string): AgentKey[] {
  const word = wanted.trim();
  const text = /^\S+ (AAAA\S+)/.exec(word)?.[1];
  const by = (matches: (key: AgentKey) => boolean) => keys.filter(matches);
  if (text) return by((key) => publicKey(key).toString("base64") === text || key.blob.toString("base64") === text);
  if (word.startsWith("SHA256:")) return by((key) => digest(publicKey(key)) === word.replace(/=+$/, ""));
  const named = by(({ comment }) => comment === word);
  return named.length > 0 ? named : by(({ comment }) => lastWord(comment) === lastWord(word));
}

/** The keys to log in with, in the agent's order. @throws Failure that lists the agent's keys, when none matches */
export async function keysToOffer(socket: string, wanted: string): Promise<AgentKey[]> {
  const keys = await keysOfAgent(socket);
  if (keys.length === 0) {
    throw new Failure(
      "trinitycore:host.ssh.agent is true, but the ssh-agent holds no key, or is locked; add one with `ssh-add`",
    );
  }
  const offered = wanted ? chosenKeys(keys, wanted) : keys;
  if (offered.length > 0) return offered;
  throw new Failure(
    `the ssh-agent holds no key that trinitycore:host.ssh.agentKey could mean, ${JSON.stringify(wanted)}; ` +
      `it holds ${keys.map(nameOf).join(", ")}`,
  );
}

/** A signature as sshd expects it: with its type, and with the bytes that a hardware key adds. @throws Failure */
export async function signWith(socket: string, key: AgentKey, data: Buffer, flags: number): Promise<Buffer> {
  const answer = await askAgent(
    socket,
    Buffer.concat([Buffer.from([SIGN]), withLength(key.blob), withLength(data), number(flags)]),
  );
  if (answer[0] !== SIGNATURE)
    throw new Failure(`the ssh-agent does not sign with ${nameOf(key)}; try it with \`ssh\``);
  return fieldReader(answer, 1).field();
}
