import { BaseAgent, type Client, type ParsedKey, utils } from "ssh2";
import { type AgentKey, framed, signed } from "./agent";

/** What ssh2 has inside and does not declare, of the version that package.json names. */
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

/** Any key that ssh2 can read; it carries one that may be of a kind that ssh2 cannot. */
const CARRIER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
type Carrier = ParsedKey & { readonly carries?: AgentKey };

/** One key of an agent, to be offered by itself. */
export class OneKey extends BaseAgent {
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

/** How RSA keys sign: nobody takes SHA-1 any more. The number is what the agent is told. */
const rsa: Readonly<Record<string, { algorithm: string; flags: number }>> = {
  "ssh-rsa": { algorithm: "rsa-sha2-512", flags: 4 },
  "ssh-rsa-cert-v01@openssh.com": { algorithm: "rsa-sha2-512-cert-v01@openssh.com", flags: 4 },
};

const USERAUTH_REQUEST = 50;

/**
 * ssh2 offers and signs with an agent's plain keys only. Here certificates and hardware keys are offered as well: the
 * agent's signature goes on as it is, and names its own kind.
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
    const texts = (...words: string[]) => words.map((word) => framed(Buffer.from(word)));
    const request = Buffer.concat([
      Buffer.from([USERAUTH_REQUEST]),
      ...texts(user, "ssh-connection", "publickey"),
      Buffer.from([sign ? 1 : 0]),
      ...texts(how.algorithm),
      framed(carries.blob),
    ]);
    if (!sign) return send(request);
    const data = Buffer.concat([framed(protocol._kex.sessionID), request]);
    signed(socket, carries, data, how.flags).then(
      (signature) => send(Buffer.concat([request, framed(signature)])),
      (error: Error) => client.emit("error", Object.assign(error, { level: "agent" })),
    );
  };
}
