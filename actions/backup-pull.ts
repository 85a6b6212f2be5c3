/** How a backup comes to the operator's machine: by rsync on both ends, as the backups' user on the host. */
import { Failure } from "../program/failure";
import { quote } from "../ssh/shell";
import type { BackupFile } from "./backups";
import { rsyncWord, SILENCE } from "./game-data/transfer";

/**
 * The arguments of rsync on this machine. A file that was cut off goes on where it was.
 * @param from the backup's folder on the host
 * @param shell the program that stands in for ssh, and its words
 */
export const pullArgs = (
  from: string,
  files: readonly BackupFile[],
  into: string,
  shell: readonly string[],
): readonly string[] => [
  "--protect-args",
  ...["--times", "--append-verify", "--perms", "--chmod=F600", `--timeout=${SILENCE}`],
  "--rsh",
  shell.map(rsyncWord).join(" "),
  ...files.map(({ name }, at) => `${at === 0 ? "host" : ""}:${from}/${name}`),
  `${into}/`,
];

/**
 * The script with which root starts rsync on the host, which sends what the backups' user may read.
 * @param called the words that rsync called its remote shell with, the host's name first
 */
export function sender(called: readonly string[], user: string): string {
  const [, program, ...args] = called;
  if (program !== "rsync" || args[0] !== "--server" || args[1] !== "--sender")
    throw new Failure(`rsync asked for something else: ${program} ${args[0]}`);
  return (
    `exec runuser -u ${quote(user)} -- env -i PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 ` +
    `rsync ${args.map(quote).join(" ")}\n`
  );
}

/** What a manifest says of itself in its last line, and the text that this is the sum of. */
export function ownSum(manifest: string): { readonly sum: string; readonly text: string } | undefined {
  const [all, text = "", sum = ""] = /^([\s\S]*\n)sum\t([0-9a-f]{64})\n$/.exec(manifest) ?? [];
  return all === undefined ? undefined : { text, sum };
}
