import type { AnyAuthMethod, Client } from "ssh2";
import { type AgentKey, fingerprint, nameOf } from "./agent";
import { protocolOf, SingleKeyAgent } from "./agent-login";

/** A key to log in with: a private key, or a key of an agent. */
export type Credential =
  | { readonly name: string; readonly privateKey: string; readonly passphrase?: string }
  | { readonly name: string; readonly agentKey: AgentKey };

export const ofAgent = (key: AgentKey): Credential => ({ name: nameOf(key), agentKey: key });

/** The keys of the stack config that a login depends on. */
const LOGIN = "trinitycore:host.ssh.privateKey and trinitycore:host.ssh.agent";
const CHOOSE = "`pulumi config set --path trinitycore:host.ssh.agentKey NAME`";

/**
 * The methods for the login of one user, as OpenSSH tries them with nobody at the keyboard: each key, and after an
 * accepted key a second factor that asks nothing. It keeps what sshd answered, for the error.
 */
export class LoginMethods {
  /** Keys that sshd accepted as one part of the login. */
  private readonly accepted: Credential[] = [];
  private readonly offered: Credential[] = [];
  private readonly remaining: Credential[];
  /** The methods that sshd would still accept. */
  private methods: readonly string[] | undefined;
  private last: "key" | "second" | undefined;
  private asked: string[] = [];
  private signed = false;
  private banner = "";
  /** Whether sshd wanted a second factor that asked nothing. */
  silentFactor = false;
  private stop = () => {};

  constructor(
    private readonly user: string,
    credentials: readonly Credential[],
  ) {
    this.remaining = [...credentials];
  }

  /** Listens to messages that ssh2 does not pass on: which methods are left, and whether a key was one part. */
  listen(client: Client): void {
    const { _handlers: handlers } = protocolOf(client);
    this.stop = () => client.end();
    const before = (name: string, note: (...message: never[]) => void) => {
      const then = handlers[name];
      handlers[name] = (protocol, ...message) => {
        note(...message);
        then?.(protocol, ...message);
      };
    };
    before("USERAUTH_FAILURE", (methods: readonly string[], partial: boolean) => this.failed(methods, partial));
    before("USERAUTH_PK_OK", () => {
      this.signed = true;
    });
    client.on("banner", (text: string) => {
      this.banner += text;
    });
  }

  private failed(methods: readonly string[], partial: boolean): void {
    this.methods = methods;
    this.signed = false;
    const [now] = this.offered.slice(-1);
    if (partial && this.last === "key" && now) this.accepted.push(now);
    if (this.last === "second") this.silentFactor = partial;
  }

  /** The next method to try; false when there is none. */
  next(): AnyAuthMethod | false {
    const takes = (method: string) => this.methods === undefined || this.methods.includes(method);
    const key = takes("publickey") ? this.remaining.shift() : undefined;
    if (key) {
      this.last = "key";
      this.offered.push(key);
      const username = this.user;
      if ("agentKey" in key) return { type: "agent", username, agent: new SingleKeyAgent(key.agentKey) };
      return { type: "publickey", username, key: key.privateKey, passphrase: key.passphrase };
    }
    if (this.accepted.length === 0 || !takes("keyboard-interactive") || this.last === "second") return false;
    this.last = "second";
    this.silentFactor = true;
    return {
      type: "keyboard-interactive",
      username: this.user,
      // Called only when there is something to answer, which nobody is there to do.
      prompt: (_name, _text, _language, prompts) => {
        this.asked = prompts.map(({ prompt }) => prompt.trim());
        this.stop();
      },
    };
  }

  /** Why the login failed, with what to do. */
  failureText(host: string, userKey: string, ended: string): string {
    const { user, accepted, methods = [], offered } = this;
    const names = (keys: readonly Credential[]) => keys.map(({ name }) => name).join(", ");
    // PAM's reason comes last, after whatever sshd shows to everybody.
    const words = this.banner
      .replace(/[^\P{C}]|\s/gu, " ")
      .trim()
      .slice(-200);
    const said = words ? ` (it says: ${words})` : "";
    const exempt = `"Match User ${user}" with "AuthenticationMethods publickey" in its sshd_config lets a key do`;
    if (this.asked.length > 0) {
      const question = JSON.stringify(this.asked.join(" "));
      const asks = `${host} takes the key of ${user} and then asks ${question}`;
      return `${asks}, which no program can answer; ${exempt}${said}`;
    }
    if (accepted.length > 0 && methods.includes("publickey")) {
      const both =
        "load both into an ssh-agent and set trinitycore:host.ssh.agent true, " +
        "with neither trinitycore:host.ssh.privateKey nor trinitycore:host.ssh.agentKey";
      return (
        `${host} takes a key of ${user} (${names(accepted)}) as a part only, and wants another key as well; ` +
        `${both}${said}`
      );
    }
    if (accepted.length > 0) {
      const root = user === "root" ? ` ("PermitRootLogin prohibit-password" lets root have no second factor)` : "";
      return (
        `${host} takes the key of ${user} as a part only (partial success) and goes on with ${methods.join(", ")}, ` +
        `which no program can answer${root}; ${exempt}${said}`
      );
    }
    if (/too many authentication failures/i.test(ended)) return this.tooMany(host);
    if (this.signed) {
      return (
        `${host} takes the key of ${user} and then ends the login (${ended}): ` +
        "the account may be expired, locked, or kept out by PAM; " +
        `look there with \`chage -l ${user}\`, for /run/nologin, and into its log${said}`
      );
    }
    if (methods.length > 0 && !methods.includes("publickey")) {
      return (
        `${host} lets ${user} in by ${methods.join(", ")} alone, but this stack logs in with a key: ` +
        `look at PubkeyAuthentication and AuthenticationMethods in its sshd_config${said}`
      );
    }
    const goesOn = methods.length > 0 ? `, and goes on with ${methods.join(", ")}` : "";
    return (
      `${host} refused the login of ${user}; look at ${userKey}, ${LOGIN}: ` +
      `it knows none of ${names(offered)}${goesOn}${said}`
    );
  }

  private tooMany(host: string): string {
    const all = [...this.offered, ...this.remaining].map(({ name }) => name).join(", ");
    return (
      `${host} ends the login after ${this.offered.length} keys that it does not know ` +
      `(MaxAuthTries in its sshd_config); choose the one it knows with ${CHOOSE}, ` +
      `by comment or fingerprint: the agent holds ${all}`
    );
  }
}

/** A private key as a credential; messages name it by its fingerprint. */
export const ofPrivateKey = (publicKey: Buffer, privateKey: string, passphrase?: string): Credential => ({
  name: fingerprint(publicKey.toString("base64")),
  privateKey,
  ...(passphrase === undefined ? {} : { passphrase }),
});
