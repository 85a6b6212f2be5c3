/**
 * How files travel over the stack's own SSH connection: those of which the host has something already by rsync on both
 * ends, the others in archives.
 */
import { Failure } from "../../program/failure";
import type { Session } from "../../ssh/session";
import { quote } from "../../ssh/shell";
import { LOCKS } from "../../steps/places";
import { type DataFile, folderOf } from "./findings";
import type { Place, Remaining } from "./on-host";

/** After so many seconds without a byte both ends give up, so that the host's does not wait for ever. */
export const SILENCE = 120;

/** In bytes: as little has mostly arrived before a second archive can begin. */
const LITTLE = 16 << 20;
/** In milliseconds: over such a way one archive mostly waits for the host to say that it may go on. */
const FAR = 50;

/** How many archives travel beside each other. On a short way they would only stand in each other's way. */
export const archivesFor = (
  { bytes }: Pick<Remaining, "bytes">,
  { beginsWithin }: Pick<Session, "beginsWithin">,
): number => (bytes > LITTLE && beginsWithin > FAR ? 2 : 1);

/** Quotes a word as rsync's --rsh wants it. @throws Failure where that is impossible */
export function rsyncWord(text: string): string {
  if (!/["']/.test(text)) return `"${text}"`;
  if (!text.includes("'")) return `'${text}'`;
  throw new Failure(`rsync cannot be told of ${text}, which has both kinds of quotes in it; put it elsewhere`);
}

/** What rsync reads on its standard input. */
export const fileList = (files: readonly DataFile[]): string => files.map(({ path }) => `${path}\0`).join("");

/**
 * The arguments of rsync on this machine, which sends the files of a list. Of a live file it uses what is the same. A
 * file that was cut off is kept.
 * @param shell the program that stands in for ssh, and its words
 */
export const rsyncArgs = (folder: string, { data, incoming }: Place, shell: readonly string[]): readonly string[] => [
  // Names go to the host as they are, not as words of a shell.
  "--protect-args",
  // The shell writes to a pipe as any program does, and would fail where it is full.
  "--blocking-io",
  ...["--files-from=-", "--from0", "--times", "--copy-links", "--perms", "--chmod=D755,F644"],
  ...["--partial", `--link-dest=${data}`, `--timeout=${SILENCE}`],
  "--rsh",
  shell.map(rsyncWord).join(" "),
  `${folder.replace(/\/+$/, "")}/`,
  `host:${incoming}/`,
];

/**
 * The script with which root starts rsync on the host: as the service user, in folders made for it, and only one at a
 * time. Data that waits for a release is not whole any more from then on.
 * @param called the words that rsync called its remote shell with, the host's name first
 */
export function receiver(called: readonly string[], files: readonly DataFile[], place: Place): string {
  const [, program, ...args] = called;
  if (program !== "rsync" || args[0] !== "--server") throw new Failure(`rsync asked for something else: ${program}`);
  const { incoming, user, group } = place;
  const made = [...new Set(files.map(folderOf))].map((folder) => quote(`${incoming}/${folder}`)).join(" ");
  const lock = quote(`${LOCKS}/${place.lock}`);
  return [
    `install -d -m 0755 ${quote(incoming)} && install -d -m 0755 -o ${quote(user)} -g ${quote(group)} ${made} || exit 1`,
    `mkdir -p ${LOCKS} && rm -f ${quote(`${incoming}/waiting`)} ${quote(`${incoming}/made-here`)} || exit 1`,
    `exec flock -w 10 ${lock} runuser -u ${quote(user)} -- env -i PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 ` +
      `rsync ${args.map(quote).join(" ")}`,
    "",
  ].join("\n");
}
