import type { AnyAuthMethod, Client } from "ssh2";
import { type AgentKey, fingerprint, nameOf } from "./agent";
import { OneKey, protocolOf } from "./agent-login";

/** What there is to log in with: a private key, or the keys of an agent. */
export type Credential =
  | { readonly name: string; readonly privateKey: string; readonly passphrase?: string }
  | { readonly name: string; readonly agentKey: AgentKey };

export const ofAgent = (key: AgentKey): Credential => ({ name: nameOf(key), agentKey: key });

/** The keys of the stack config that a login depends on. */
const LOGIN = "trinitycore:host.ssh.privateKey and trinitycore:host.ssh.agent";
const CHOOSE = "`pulumi config set --path trinitycore:host.ssh.agentKey NAME`";

/**
 * The login of one user, method by method, as OpenSSH would do it without anyone at the keyboard: each key, and after
 * one that was taken whatever the server still asks for that needs no answer. It notes how far it came, for the error.
 */
export class LoginMethods {
  /** Keys that the server took as a part of what it wants. */
  private readonly accepted: Credential[] = [];
  private readonly offered: Credential[] = [];
  private readonly left: Credential[];
  /** What the server goes on with, as it said last. */
  private methods: readonly string[] | undefined;
  private last: "key" | "second" | undefined;
  private asked: string[] = [];
  private signed = false;
  private banner = "";
  /** The server's second factor was asked for, and asked nothing. */
  silentFactor = false;
  private stop = () => {};

  constructor(
    private readonly user: string,
    credentials: readonly Credential[],
  ) {
    this.left = [...credentials];
  }

  /** Listens to what ssh2 keeps to itself: which methods are left, and whether a key was taken as a part. */
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
    const key = takes("publickey") ? this.left.shift() : undefined;
    if (key) {
      this.last = "key";
      this.offered.push(key);
      const username = this.user;
      if ("agentKey" in key) return { type: "agent", username, agent: new OneKey(key.agentKey) };
      return { type: "publickey", username, key: key.privateKey, passphrase: key.passphrase };
    }
    if (this.accepted.length === 0 || !takes("keyboard-interactive") || this.last === "second") return false;
    this.last = "second";
    this.silentFactor = true;
    return {
      type: "keyboard-interactive",
      username: this.user,
      // Called only when there is something to answer; nobody is here who could.
      prompt: (_name, _text, _language, prompts) => {
        this.asked = prompts.map(({ prompt }) => prompt.trim());
        this.stop();
      },
    };
  }

  /** Why it did not get in, with the way out. */
  why(host: string, userKey: string, ended: string): string {
    const { user, accepted, methods = [], offered } = this;
    const names = (keys: readonly Credential[]) => keys.map(({ name }) => name).join(", ");
    // PAM's word comes last; before it there may be whatever a server greets everybody with.
    const words = this.banner
      .replace(/[^\P{C}]|\s/gu, " ")
      .trim()
      .slice(-200);
    const said = words ? ` (it says: ${words})` : "";
    const exempt = `"Match User ${user}" with "AuthenticationMethods publickey" in its sshd_config lets a key do`;
    if (this.asked.length > 0) {
      return `${host} takes the key of ${user} and then asks ${JSON.stringify(this.asked.join(" "))}, which no program can answer; ${exempt}${said}`;
    }
    if (accepted.length > 0 && methods.includes("publickey")) {
      const both =
        "load both into an ssh-agent and set trinitycore:host.ssh.agent true, with neither trinitycore:host.ssh.privateKey nor trinitycore:host.ssh.agentKey";
      return `${host} takes a key of ${user} (${names(accepted)}) as a part only, and wants another key as well; ${both}${said}`;
    }
    if (accepted.length > 0) {
      const root = user === "root" ? ` ("PermitRootLogin prohibit-password" lets root have no second factor)` : "";
      return `${host} takes the key of ${user} as a part only (partial success) and goes on with ${methods.join(", ")}, which no program can answer${root}; ${exempt}${said}`;
    }
    if (/too many authentication failures/i.test(ended)) return this.tooMany(host);
    if (this.signed) {
      return (
        `${host} takes the key of ${user} and then ends the login (${ended}): its account may have expired, be locked or kept out by PAM; ` +
        `look there with \`chage -l ${user}\`, for /run/nologin, and into its log${said}`
      );
    }
    if (methods.length > 0 && !methods.includes("publickey")) {
      return `${host} lets ${user} in by ${methods.join(", ")} alone, and this stack by a key: look at PubkeyAuthentication and AuthenticationMethods in its sshd_config${said}`;
    }
    const goesOn = methods.length > 0 ? `, and goes on with ${methods.join(", ")}` : "";
    return `${host} refused the login of ${user}; look at ${userKey}, ${LOGIN}: it knows none of ${names(offered)}${goesOn}${said}`;
  }

  private tooMany(host: string): string {
    const all = [...this.offered, ...this.left].map(({ name }) => name).join(", ");
    return (
      `${host} ends the login after ${this.offered.length} keys that it does not know (MaxAuthTries in its sshd_config); ` +
      `choose the one it knows with ${CHOOSE}, by comment or fingerprint: the agent holds ${all}`
    );
  }
}

/** The name of a private key in messages: its fingerprint. */
export const ofPrivateKey = (publicKey: Buffer, privateKey: string, passphrase?: string): Credential => ({
  name: fingerprint(publicKey.toString("base64")),
  privateKey,
  ...(passphrase === undefined ? {} : { passphrase }),
});
