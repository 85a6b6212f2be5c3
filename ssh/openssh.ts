/** What the operator's own ssh knows of a host: its settings, the keys it logs in with, and the host's key. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Failure } from "../program/failure";
import { hostKey as hostKeyProblem, tidyHostKey } from "../settings/key-rules";

/** A host as OpenSSH's client would reach it. */
export interface SshTarget {
  /** What the operator calls it. */
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Files of private keys, in the order in which ssh tries them; not all of them exist. */
  readonly keyFiles: readonly string[];
  /** Whether only those keys of the agent may be offered that are in `keyFiles`. */
  readonly onlyTheseKeys: boolean;
  /** The socket that ssh is told to use in the place of SSH_AUTH_SOCK; "none" for no agent. */
  readonly agent: string | undefined;
  /** The host under which known_hosts has it. */
  readonly knownAs: string;
  readonly knownHosts: readonly string[];
  /** `[user@]host[:port]`, as it is written in the settings. */
  readonly jump: string | undefined;
}

/** @throws Failure when there is no such program, or when the program says what is wrong */
function run(program: string, args: readonly string[]): { code: number; stdout: string; stderr: string } {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C", SSH_ASKPASS_REQUIRE: "never" },
  });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
    throw new Failure(
      `there is no program ${program} here; install OpenSSH's client (the package openssh-client or openssh-clients)`,
    );
  }
  if (error) throw new Failure(`${program} could not be run: ${error.message}`);
  return { code: status ?? 255, stdout, stderr };
}

const configArgs = (configFile: string | undefined): string[] => (configFile ? ["-F", configFile] : []);

/**
 * Asks ssh what it would do to reach a host, without reaching it.
 * @param name the host as one types it after `ssh`; for a jump host `[user@]host[:port]`
 * @param configFile in the place of ~/.ssh/config
 * @throws Failure when there is no ssh, or when its settings lead another way than the stack can go
 */
export function sshTarget(name: string, configFile?: string): SshTarget {
  const { user, host, port } = partsOf(name);
  const words = [...(user ? ["-l", user] : []), ...(port ? ["-p", port] : []), "--", host];
  const { code, stdout, stderr } = run("ssh", ["-G", ...configArgs(configFile), ...words]);
  if (code !== 0) throw new Failure(`ssh does not understand ${JSON.stringify(name)}: ${lastLine(stderr)}`);
  return targetIn(stdout, name);
}

const lastLine = (text: string): string => text.trim().split("\n").pop() ?? "";

/** The parts of `[user@]host[:port]` or `ssh://…`; brackets are around an IPv6 address. */
function partsOf(name: string): { readonly user?: string; readonly host: string; readonly port?: string } {
  const [, user, bracketed, plain, port] =
    /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:/]+))(?::(\d+))?\/?$/.exec(name) ?? [];
  const host = bracketed ?? plain;
  return host ? { host, ...(user ? { user } : {}), ...(port ? { port } : {}) } : { host: name };
}

/** What there is to do where more of them are on the way. */
export const oneJumpHost = (alias: string): string =>
  "the stack can go through one only; set ProxyJump to one that reaches the host itself, " +
  `or run the stack on a machine from which \`ssh ${alias}\` needs no more than one`;

/** Reads what `ssh -G` printed. @throws Failure for a ProxyCommand, or for several jump hosts */
export function targetIn(printed: string, alias: string): SshTarget {
  const lines = printed.split("\n").map((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? ([line, ""] as const) : ([line.slice(0, space), line.slice(space + 1).trim()] as const);
  });
  const all = (key: string) => lines.filter(([name]) => name === key).map(([, value]) => value);
  const one = (key: string) => all(key)[0];
  const set = (key: string) => (one(key) === "none" ? undefined : one(key));
  const [host = alias, port = "22", user = userInfo().username] = ["hostname", "port", "user"].map(one);
  if (set("proxycommand")) {
    throw new Failure(
      `ssh reaches ${alias} through a program (ProxyCommand ${set("proxycommand")}), which the stack cannot run; ` +
        "it can go through one jump host: set ProxyJump for it in the ssh settings",
    );
  }
  const jump = set("proxyjump");
  if (jump?.includes(",")) {
    throw new Failure(`ssh reaches ${alias} through several jump hosts (ProxyJump ${jump}), and ${oneJumpHost(alias)}`);
  }
  const fill = filler({ "%d": homedir(), "%h": host, "%p": port, "%r": user, "%n": alias, "%u": userInfo().username });
  const known = one("hostkeyalias") ?? host;
  return {
    alias,
    host,
    port: Number(port),
    user,
    keyFiles: all("identityfile").map(fill),
    onlyTheseKeys: one("identitiesonly") === "yes",
    agent: one("identityagent") === undefined ? undefined : agentIn(fill(one("identityagent") as string)),
    knownAs: one("hostkeyalias") === undefined && port !== "22" ? `[${known}]:${port}` : known,
    knownHosts: [...all("userknownhostsfile"), ...all("globalknownhostsfile")].flatMap((files) =>
      files.split(" ").map(fill),
    ),
    jump,
  };
}

/** `SSH_AUTH_SOCK` and `$NAME` stand for variables of the environment. */
function agentIn(text: string): string | undefined {
  if (text === "SSH_AUTH_SOCK") return undefined;
  return text.startsWith("$") ? process.env[text.slice(1).replace(/[{}]/g, "")] : text;
}

/** Fills in the home folder and the `%` of ssh's settings. */
const filler =
  (values: Readonly<Record<string, string>>) =>
  (text: string): string =>
    text
      .replace(/^"(.*)"$/, "$1")
      .replace(/^~(?=\/)/, homedir())
      .replace(/%%|%[a-z]/g, (token) => (token === "%%" ? "%" : (values[token] ?? token)));

/** In the order in which one is chosen. */
const hostKeyTypes = ["ssh-ed25519", "ecdsa-sha2-", "ssh-rsa"];

/** The best of the host keys in lines of known_hosts; a revoked key or a certificate authority's counts for none. */
export function keyIn(lines: string): string | undefined {
  const keys = lines
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^[#@]/.test(line))
    .map((line) => tidyHostKey(line.trim().split(/\s+/).slice(1).join(" ")))
    .filter((key) => hostKeyProblem(key) === undefined);
  const place = (key: string) => hostKeyTypes.findIndex((type) => key.startsWith(type));
  return keys.sort((a, b) => place(a) - place(b))[0];
}

/** The key by which the operator's known_hosts has the host, and the file that has it. @throws Failure */
export function knownKey({ knownAs, knownHosts }: SshTarget): { key: string; file: string } | undefined {
  for (const file of knownHosts.filter((path) => existsSync(path))) {
    const key = keyIn(run("ssh-keygen", ["-F", knownAs, "-f", file]).stdout);
    if (key) return { key, file };
  }
  return undefined;
}

/**
 * The key that the host shows now, fetched by ssh itself, the way it goes and without a login; the operator's
 * known_hosts stay as they are.
 * @throws Failure with ssh's own words when the host cannot be reached
 */
export function shownKey({ alias }: SshTarget, configFile?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "host-key-"));
  const file = join(folder, "known_hosts");
  const { user, host, port } = partsOf(alias);
  const options = {
    ...{ UserKnownHostsFile: file, GlobalKnownHostsFile: "/dev/null", StrictHostKeyChecking: "accept-new" },
    ...{ HashKnownHosts: "no", UpdateHostKeys: "no", ControlPath: "none", BatchMode: "yes", ConnectTimeout: "10" },
    ...{ PreferredAuthentications: "none", KnownHostsCommand: "none", VerifyHostKeyDNS: "no" },
    HostKeyAlgorithms: "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,rsa-sha2-512,rsa-sha2-256",
  };
  try {
    const { stderr } = run("ssh", [
      ...configArgs(configFile),
      ...Object.entries(options).map(([name, value]) => `-o${name}=${value}`),
      ...(user ? ["-l", user] : []),
      ...(port ? ["-p", port] : []),
      ...["-n", "-T", "--", host, "true"],
    ]);
    const key = existsSync(file) ? keyIn(readFileSync(file, "utf8")) : undefined;
    if (key) return key;
    throw new Failure(`${alias} cannot be reached: ${lastLine(stderr) || "it showed no host key"}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
