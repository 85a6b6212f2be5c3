import type { Duplex } from "node:stream";
import { Client, type ConnectConfig, utils } from "ssh2";
import { Failure } from "../program/failure";
import { fingerprint, keysToOffer } from "./agent";
import { offerAgentKeys } from "./agent-login";
import { ConnectionDropped, type EndpointKeys, type Timeouts } from "./dial";
import { type Credential, LoginMethods, ofAgent, ofPrivateKey } from "./login-methods";
import type { Endpoint } from "./session";

/** A login that sshd did not let in. */
export class LoginRefused extends Failure {}

/** What to log in with: the private key before the agent, as the command plugin does it. @throws Failure */
export async function credentialsOf({ privateKey, passphrase, agent, agentKey = "" }: Endpoint): Promise<Credential[]> {
  if (!privateKey) return agent ? (await keysToOffer(agent, agentKey)).map(ofAgent) : [];
  const parsed = utils.parseKey(privateKey, passphrase);
  if (!(parsed instanceof Error)) return [ofPrivateKey(parsed.getPublicSSH(), privateKey, passphrase)];
  const why = /encrypted|passphrase|bad decrypt|integrity/i.test(parsed.message)
    ? "its passphrase is wrong or missing; " +
      "set it with `pulumi config set --secret --path trinitycore:host.ssh.privateKeyPassphrase`"
    : "it is not an OpenSSH or PEM private key; " +
      "set it with `pulumi config set --secret --path trinitycore:host.ssh.privateKey < KEYFILE`";
  throw new Failure(`trinitycore:host.ssh.privateKey cannot be used: ${why}`);
}

/** Exchanges keys over an open connection and logs the user in. @throws Failure */
export function logIn(
  endpoint: Endpoint,
  credentials: readonly Credential[],
  sock: Duplex,
  keys: EndpointKeys,
  timeouts: Timeouts,
  tell: (text: string) => void,
): Promise<{ client: Client; silentFactor: boolean }> {
  const { host, port, user } = endpoint;
  const [type = "", wanted = ""] = endpoint.hostKey.trim().split(/\s+/);
  const login = new LoginMethods(user, credentials);
  const client = new Client();
  let presented = "";
  let said = "";
  let stage: "greeting" | "login" | "in" = "greeting";
  const config: ConnectConfig = {
    sock: sock as ConnectConfig["sock"],
    username: user,
    readyTimeout: 0,
    // ssh2 only sends the keepalives; the session watches for answers.
    keepaliveInterval: timeouts.silence / 4,
    keepaliveCountMax: 1_000,
    hostVerifier: (seen: Buffer) => {
      presented = seen.toString("base64");
      return presented === wanted;
    },
    algorithms: {
      serverHostKey: hostKeyAlgorithms(type),
      cipher: { prepend: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"], append: [], remove: [] },
    } as ConnectConfig["algorithms"],
    authHandler: (_methods, _partial, next) => next(login.next() as never),
  };
  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = [];
    const settle = () => {
      for (const timer of timers.splice(0)) clearTimeout(timer);
    };
    const fail = (text: string, kind: typeof Failure = Failure) => {
      settle();
      reject(new kind(text));
      client.destroy();
      sock.destroy();
    };
    const after = (ms: number, what: () => void) => timers.push(setTimeout(what, ms));
    const ended = (error: Error & { level?: string }) => {
      if (stage === "in") return;
      if (presented && presented !== wanted) return fail(wrongHostKey(host, keys, presented, wanted));
      if (/handshake failed: no matching host key/i.test(error.message)) {
        return fail(
          `${host} has no host key of the type in ${keys.hostKey}; ` +
            `print those it has with \`npm run realm -- host-key ${host}\``,
        );
      }
      if (error.level === "agent") return fail(error.message);
      if (stage === "login") return fail(login.failureText(host, keys.user, error.message), LoginRefused);
      const text = said.replace(/[^\x20-\x7e]+/g, " ").trim();
      if (text && !/^SSH-|MaxStartups|Not allowed at this time/.test(text)) {
        return fail(
          `what listens on port ${port} of ${host} is no sshd (it says ${JSON.stringify(text.slice(0, 60))}); ` +
            `look at ${keys.host} and ${keys.port}`,
        );
      }
      const dropped = /before handshake|ECONNRESET|EPIPE|closed/.test(error.message);
      // OpenSSH 10 has PerSourcePenalties on by default.
      const refused = dropped
        ? "; where a login failed several times or many log in at once, sshd and fail2ban refuse an address for a " +
          "while (PerSourcePenalties, MaxStartups): wait a minute and run it again"
        : "";
      const reason = text && !/^SSH-/.test(text) ? text : error.message;
      fail(
        `no SSH session with ${host} on port ${port} (${reason}); look at ${keys.host} and ${keys.port}${refused}`,
        dropped && !/Not allowed/.test(text) ? ConnectionDropped : Failure,
      );
    };
    client.once("ready", () => {
      stage = "in";
      settle();
      resolve({ client, silentFactor: login.silentFactor });
    });
    client.once("handshake", () => {
      stage = "login";
      settle();
      after(timeouts.tellAfter, () =>
        tell(
          `${host} has not let ${user} in after ${seconds(timeouts.tellAfter)}: ` +
            "its sshd waits for something, mostly DNS or PAM; " +
            `it has ${seconds(timeouts.login)}`,
        ),
      );
      after(timeouts.login, () =>
        fail(
          `${host} did not finish the login of ${user} in ${seconds(timeouts.login)}; look there with ` +
            "`journalctl -t sshd` at what its sshd waits for (UseDNS, a module of PAM)",
        ),
      );
    });
    // This listener stays: an "error" without a listener would end the program.
    client.on("error", ended);
    client.on("close", () => ended(new Error("the connection was closed")));
    after(timeouts.handshake, () =>
      fail(
        `${host} took the connection on port ${port}, but did not agree on keys in ${seconds(timeouts.handshake)}; ` +
          `look at ${keys.host} and ${keys.port}, and at what its sshd waits for`,
      ),
    );
    client.connect(config);
    login.listen(client);
    if (endpoint.agent) offerAgentKeys(client, endpoint.agent);
    sock.on("data", (chunk: Buffer) => {
      if (stage === "greeting" && said.length < 200) said += chunk.toString("latin1");
    });
  });
}

const seconds = (ms: number): string => `${ms / 1000} s`;

function hostKeyAlgorithms(type: string): string[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}

const wrongHostKey = (host: string, keys: EndpointKeys, presented: string, wanted: string): string =>
  `the host key of ${host} is not the one in ${keys.hostKey} ` +
  `(it shows ${fingerprint(presented)}, wanted ${fingerprint(wanted)}). ` +
  "Either someone is in between, or the host was reinstalled: " +
  `compare the key on the host's own console before you change ${keys.hostKey}`;
