/** Rules for SSH keys, and for where the source comes from. */

import { absolutePath, all, printable } from "./rules";
import { type Rule, show } from "./values";

const keyTypes = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"];

/** A host's public key, `type base64`; a comment may follow. */
export const hostKey: Rule = (value) => {
  if (/PRIVATE KEY/.test(value)) return "is a private key; the host's public key is wanted";
  if (/^(SHA256|MD5):/.test(value)) return "is a fingerprint; the whole public key is wanted (ssh-ed25519 AAAA…)";
  const [type = "", base64 = ""] = value.trim().split(/\s+/);
  if (!keyTypes.includes(type)) {
    return keyTypes.includes(base64)
      ? "begins with a host name, as in known_hosts; only the key is wanted (ssh-ed25519 AAAA…)"
      : `is not a public key: it should begin with ${keyTypes.slice(0, 2).join(", ")} or the like`;
  }
  if (/[\r\n]/.test(value.trim())) return "must be one key on one line";
  return wholeKey(type, base64) ? undefined : "is cut off or mistyped: its text does not decode to such a key";
};

/** A key's blob is a list of length-prefixed fields, the first of which repeats the type. */
function wholeKey(type: string, base64: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return false;
  const blob = Buffer.from(base64, "base64");
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return false;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  if (at !== blob.length || fields[0]?.toString() !== type) return false;
  return type === "ssh-ed25519" ? fields.length === 2 && fields[1]?.length === 32 : fields.length === 3;
}

export const tidyHostKey = (value: string): string => value.trim().split(/\s+/).slice(0, 2).join(" ");

/** The text of a private key. The problem never shows the value. */
export const privateKey: Rule = (value) => {
  if (keyTypes.some((type) => value.startsWith(type))) return "is a public key; the private one is wanted";
  if (/^[~./]?[\w./~-]+$/.test(value))
    return "looks like a path; the key's text is wanted (pulumi config set --secret --path KEY < FILE)";
  return /^\s*-----BEGIN ([A-Z]+ )*PRIVATE KEY-----\r?\n[\s\S]+-----END ([A-Z]+ )*PRIVATE KEY-----\s*$/.test(value)
    ? undefined
    : "is not a private key: -----BEGIN … PRIVATE KEY----- to -----END … PRIVATE KEY----- is wanted, " +
        "with its line breaks";
};

/** OpenSSH wants the last line break, which `pulumi config set` strips, and no carriage returns. */
export const tidyPrivateKey = (value: string): string => `${value.replace(/\r\n/g, "\n").trim()}\n`;

/** Whether a private key is encrypted with a passphrase. */
export function hasPassphrase(key: string): boolean {
  if (/ENCRYPTED/.test(key)) return true;
  const body = /BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(key)?.[1];
  if (body === undefined) return false;
  const bytes = Buffer.from(body, "base64");
  const start = "openssh-key-v1\0".length;
  if (bytes.length < start + 4) return false;
  const cipher = bytes.subarray(start + 4, start + 4 + bytes.readUInt32BE(start)).toString();
  return cipher !== "none";
}

/** A private key without a passphrase: git fetches in the background, where nobody can type one. */
export const deployKey: Rule = (value) =>
  privateKey(value) ??
  (hasPassphrase(value)
    ? "has a passphrase, which nobody can type for git on the host; use a key without one"
    : undefined);

export const knownHosts: Rule = (value) => {
  for (const line of value.split("\n").map((raw) => raw.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const [, type = "", base64 = ""] = line.replace(/^@\S+\s+/, "").split(/\s+/);
    if (!keyTypes.includes(type) || !wholeKey(type, base64))
      return `has a line that is not "host type key": ${show(line)}`;
  }
  return undefined;
};

/** The rules of git check-ref-format for a branch. */
export const branch: Rule = (value) => {
  const bad =
    value.length > 200 ||
    /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|^[-/]|^@$/.test(value) ||
    value.split("/").some((part) => part.startsWith(".") || part.endsWith(".lock")) ||
    /[^ -~]/.test(value);
  return bad ? `${show(value)} is not the name of a git branch` : undefined;
};

export const commit: Rule = (value) => {
  if (/^[0-9a-fA-F]{40}$/.test(value)) return undefined;
  return /^[0-9a-fA-F]{7,39}$/.test(value)
    ? `${show(value)} is short: give all 40 digits (git rev-parse ${value})`
    : `${show(value)} is not a commit (40 hexadecimal digits)`;
};

export const sha256: Rule = (value) =>
  /^[0-9a-fA-F]{64}$/.test(value) ? undefined : `${show(value)} is not a SHA-256 sum (64 hexadecimal digits)`;

/** Whether git will log in over SSH. */
export const overSsh = (repository: string): boolean => /^(ssh:\/\/|[^/:]+@[^/:]+:)/.test(repository);

/** A URL without a user and password in it. The problem never shows the URL, because it may have a password. */
const urlWithoutPassword =
  (schemes: readonly string[], secretGoes: string): Rule =>
  (value) => {
    const scheme = /^([a-z]+):\/\//.exec(value)?.[1];
    if (!scheme || !schemes.includes(scheme) || /[\s"'`<>\\]/.test(value) || !URL.canParse(value))
      return "is not a usable URL";
    const url = new URL(value);
    if (scheme !== "file" && url.hostname === "") return "names no host";
    if (url.password !== "" || (url.username !== "" && scheme !== "ssh"))
      return `may hold no user or password: ${secretGoes}`;
    return url.pathname.length < 2 ? "names no file or repository" : undefined;
  };

export const repository: Rule = (value) => {
  if (value.startsWith("/")) return absolutePath(value);
  if (/^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s"'`<>\\]+$/.test(value) && !value.startsWith("-")) return undefined;
  if (/^(http|git):\/\//.test(value)) return "is not protected on its way; use https:// or ssh://";
  if (!/^(https|ssh|file):\/\//.test(value))
    return "must be https://…, ssh://…, git@host:…, file:///… or an absolute path";
  return all(
    printable,
    urlWithoutPassword(
      ["https", "ssh", "file"],
      "it would be shown in previews. Use ssh://git@… and\n" +
        "pulumi config set --secret --path 'trinitycore:core.source.deployKey' < KEYFILE",
    ),
  )(value);
};

/** A dump of the world database: on the web, or already on the host. */
export const dump: Rule = (value) => {
  if (value.startsWith("/")) return absolutePath(value);
  if (!/^https?:\/\//.test(value)) return "must be https://…, http://… or an absolute path on the host";
  return all(
    printable,
    urlWithoutPassword(
      ["https", "http"],
      "it would be shown in previews. Fetch the file yourself and name its path on the host",
    ),
  )(value);
};
