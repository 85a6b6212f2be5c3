import { BaseAgent, type Client, type ParsedKey, utils } from "ssh2";
import { type AgentKey, signWith, withLength } from "./agent";

/** Internals of ssh2 that it does not declare, as the version in package.json has them. */
export interface Protocol {
  readonly _handlers: Record<string, (protocol: Protocol, ...message: never[]) => void>;
  readonly _kex: { readonly sessionID: Buffer };
  readonly _authsQueue: string[];
  readonly _packetRW: {
    readonly write: { allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
  authPK(user: string, key: ParsedKey, algorithm: string | undefined, sign?: unknown): void;
}

export const protocolOf = (client: Client): Protocol => (client as unknown as { _protocol: Protocol })._protocol;

/** A key that ssh2 can read. Keys that it cannot read travel as a property of this one. */
const CARRIER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
type Carrier = ParsedKey & { readonly carries?: AgentKey };

/** An agent for ssh2 with one single key. */
export class SingleKeyAgent extends BaseAgent {
  constructor(private readonly key: AgentKey) {
    super();
  }

  getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    const carrier = utils.parseKey(CARRIER);
    if (carrier instanceof Error) done(carrier);
    else done(null, [Object.assign(carrier, { carries: this.key, type: this.key.type })]);
  }

  sign(): void {
    throw new Error("offerAgentKeys signs");
  }
}

/** RSA keys sign with SHA-512, as sshd refuses SHA-1; the flags ask the agent for it. */
const rsa: Readonly<Record<string, { algorithm: string; flags: number }>> = {
  "ssh-rsa": { algorithm: "rsa-sha2-512", flags: 4 },
  "ssh-rsa-cert-v01@openssh.com": { algorithm: "rsa-sha2-512-cert-v01@openssh.com", flags: 4 },
};

const USERAUTH_REQUEST = 50;

/**
 * Makes ssh2 offer certificates and hardware keys of an agent too, which it does not know. The agent's signature names
 * its own type, so it is sent unchanged.
 */
export function offerAgentKeys(client: Client, socket: string): void {
  const protocol = protocolOf(client);
  const own = protocol.authPK.bind(protocol);
  const send = (bytes: Buffer) => {
    const { write } = protocol._packetRW;
    const start = write.allocStart;
    const packet = write.alloc(bytes.length);
    packet.set(bytes, start);
    protocol._authsQueue.push("publickey");
    protocol._cipher.encrypt(write.finalize(packet));
  };
  protocol.authPK = (user, key: Carrier, algorithm, sign) => {
    const { carries } = key;
    if (!carries) return own(user, key, algorithm, sign);
    const how = rsa[carries.type] ?? { algorithm: carries.type, flags: 0 };
    const texts = (...words: string[]) => words.map((word) => withLength(Buffer.from(word)));
    const request = Buffer.concat([
      Buffer.from([USERAUTH_REQUEST]),
      ...texts(user, "ssh-connection", "publickey"),
      Buffer.from([sign ? 1 : 0]),
      ...texts(how.algorithm),
      withLength(carries.blob),
    ]);
    if (!sign) return send(request);
    const data = Buffer.concat([withLength(protocol._kex.sessionID), request]);
    signWith(socket, carries, data, how.flags).then(
      (signature) => send(Buffer.concat([request, withLength(signature)])),
      (error: Error) => client.emit("error", Object.assign(error, { level: "agent" })),
    );
  };
}
