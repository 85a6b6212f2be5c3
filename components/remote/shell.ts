import type { Plan, Value } from "./plan";

/** Where the stack's scripts rest on the server; the kinds of step are in `server/` of this repository. */
export const LIBEXEC = "/usr/local/libexec/trinity-stack";
export const STATE_DIR = "/var/lib/trinity-stack";

/** One word of a POSIX shell command, whatever it holds. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `key=value` words of a plan, sorted, so that the same plan is always the same text. */
export function argWords(args: Plan["args"]): string[] {
  return Object.keys(args)
    .sort()
    .map((key) => `${key}=${plain(args[key] as Value)}`);
}

function plain(value: Value): string {
  return typeof value === "object" ? value.join("\n") : String(value);
}

/** A command for root: sudo never asks here (`-n`), it fails. */
export function asRoot(user: string, words: string): string {
  return user === "root" ? words : `sudo -n ${words}`;
}

/** Unpacks what arrives on stdin (the stack's scripts, a tar.gz) for this one run and starts a script of it. */
export function bootstrap(script: string, decode = ""): string {
  const unpack = `${decode}tar -xz --no-same-owner -C "$d"`;
  return `bash -c ${quote(
    `d=$(mktemp -d /run/trinity-stack.XXXXXX) && trap 'rm -rf "$d"' EXIT && ${unpack} && bash "$d/${script}" "$@"`,
  )} trinity-stack`;
}
