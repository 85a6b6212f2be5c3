import { createHash } from "node:crypto";
import { connect } from "node:net";
import { Failure } from "../program/failure";

/** A key that an ssh-agent holds; of a certificate, `blob` is the whole of it. */
export interface AgentKey {
  readonly type: string;
  readonly blob: Buffer;
  readonly comment: string;
}

/** The agent's protocol: each message has its length before it and its kind in the first byte. */
const LIST = 11;
const KEYS = 12;
const SIGN = 13;
const SIGNED = 14;
const PATIENCE_MS = 10_000;
/** A touch of a hardware key, or a confirmation on the screen, waits for a person. */
const SIGN_MS = 120_000;

export const framed = (message: Buffer): Buffer => Buffer.concat([number(message.length), message]);
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The whole messages at the beginning of what has come, and what is left of it. */
export function messages(bytes: Buffer): { whole: Buffer[]; rest: Buffer } {
  const whole: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
    const end = 4 + rest.readUInt32BE(0);
    whole.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return { whole, rest };
}

/** One question to the agent behind a socket. */
export function ask(socket: string, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const agent = connect(socket);
    const fail = (why: string) => {
      agent.destroy();
      reject(new Failure(`the ssh-agent at ${socket} does not answer (${why}); look at it with \`ssh-add -l\``));
    };
    let bytes: Buffer = Buffer.alloc(0);
    agent.setTimeout(message[0] === SIGN ? SIGN_MS : PATIENCE_MS, () => fail("it takes too long"));
    agent.on("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    agent.on("close", () => fail("it closed the connection"));
    agent.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const [answer] = messages(bytes).whole;
      if (!answer) return;
      agent.removeAllListeners("close").destroy();
      resolve(answer);
    });
    agent.write(framed(message));
  });
}

/** The length-prefixed fields of a message, read one after the other. */
function reader(bytes: Buffer, at = 0) {
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

/** The keys in an agent's answer to the question for them. */
export function keysIn(answer: Buffer): AgentKey[] {
  if (answer[0] !== KEYS) return [];
  const read = reader(answer, 1);
  return Array.from({ length: read.number() }, () => {
    const blob = read.field();
    return { type: `${reader(blob).field()}`, blob, comment: `${read.field()}` };
  });
}

/** An answer that holds these keys alone. */
export const listOf = (keys: readonly AgentKey[]): Buffer =>
  Buffer.concat([
    Buffer.from([KEYS]),
    number(keys.length),
    ...keys.flatMap(({ blob, comment }) => [framed(blob), framed(Buffer.from(comment))]),
  ]);

/** What an agent is asked for: its keys, a signature with a key, or something else. */
export function question(message: Buffer): "keys" | { readonly blob: Buffer } | "other" {
  if (message[0] === LIST) return "keys";
  return message[0] === SIGN ? { blob: reader(message, 1).field() } : "other";
}

/** How many fields make the public key of a type, after its name. */
const fields: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "sk-ssh-ed25519@openssh.com": 2,
  "sk-ecdsa-sha2-nistp256@openssh.com": 3,
};
const CERTIFICATE = /-cert-v01(?=@openssh\.com$)/;
const keyType = (type: string): string => {
  const plain = type.replace(CERTIFICATE, "");
  return plain.startsWith("sk-") ? plain : plain.replace(/@openssh\.com$/, "");
};

/** The public key alone: a certificate has a random number before it, and who signed it after it. */
function publicKey({ type, blob }: AgentKey): Buffer {
  if (!CERTIFICATE.test(type)) return blob;
  const read = reader(blob);
  read.field();
  read.field();
  const plain = keyType(type);
  const parts = Array.from({ length: fields[plain] ?? 2 }, () => read.field());
  return Buffer.concat([Buffer.from(plain), ...parts].map(framed));
}

const digest = (blob: Buffer): string =>
  `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

/** As `ssh-keygen -l` prints it. */
export const fingerprint = (keyBase64: string): string => digest(Buffer.from(keyBase64, "base64"));

/** As `ssh-add -l` names it. */
export const nameOf = (key: AgentKey): string =>
  `${key.comment || keyType(key.type)} (${CERTIFICATE.test(key.type) ? "certificate, " : ""}${digest(publicKey(key))})`;

const lastWord = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * The keys that are meant by a comment, the file name in one, a fingerprint or the public key itself; a key's
 * certificate goes with it.
 */
export function chosen(keys: readonly AgentKey[], wanted: string): AgentKey[] {
  const word = wanted.trim();
  const text = /^\S+ (AAAA\S+)/.exec(word)?.[1];
  const by = (matches: (key: AgentKey) => boolean) => keys.filter(matches);
  if (text) return by((key) => publicKey(key).toString("base64") === text || key.blob.toString("base64") === text);
  if (word.startsWith("SHA256:")) return by((key) => digest(publicKey(key)) === word.replace(/=+$/, ""));
  const named = by(({ comment }) => comment === word);
  return named.length > 0 ? named : by(({ comment }) => lastWord(comment) === lastWord(word));
}

/** The keys to log in with, in the agent's order. @throws Failure when there are none, naming those that are there */
export async function keysToOffer(socket: string, wanted: string): Promise<AgentKey[]> {
  const keys = keysIn(await ask(socket, Buffer.from([LIST])));
  if (keys.length === 0) {
    throw new Failure(
      "trinitycore:host.ssh.agent is true, but the ssh-agent holds no key, or is locked; add one with `ssh-add`",
    );
  }
  const offered = wanted ? chosen(keys, wanted) : keys;
  if (offered.length > 0) return offered;
  throw new Failure(
    `the ssh-agent holds no key that trinitycore:host.ssh.agentKey could mean, ${JSON.stringify(wanted)}; it holds ${keys.map(nameOf).join(", ")}`,
  );
}

/** A signature as it goes over the wire: its own kind before it, and whatever a hardware key puts after it. */
export async function signed(socket: string, key: AgentKey, data: Buffer, flags: number): Promise<Buffer> {
  const answer = await ask(socket, Buffer.concat([Buffer.from([SIGN]), framed(key.blob), framed(data), number(flags)]));
  if (answer[0] !== SIGNED) throw new Failure(`the ssh-agent does not sign with ${nameOf(key)}; try it with \`ssh\``);
  return reader(answer, 1).field();
}
