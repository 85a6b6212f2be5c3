/** How game data travels: rsync on both ends, and the way between them, which is the stack's own SSH connection. */
import { Failure } from "../../program/failure";
import { quote } from "../../ssh/shell";
import { LOCKS } from "../../steps/places";
import type { GameData } from "./findings";
import { ignored } from "./folder";
import type { Place } from "./on-host";

/** After so many seconds without a byte both ends give up, so that what was cut off does not wait there for ever. */
const SILENCE = 120;

/** One word of the text in which rsync is told of its remote shell. @throws Failure where it cannot be said */
function word(text: string): string {
  if (!/["']/.test(text)) return `"${text}"`;
  if (!text.includes("'")) return `'${text}'`;
  throw new Failure(`rsync cannot be told of ${text}, which has both kinds of quotes in it; put it elsewhere`);
}

/**
 * The arguments of rsync here. What the host has unchanged becomes a hard link there; a file that arrives takes its
 * place when it is whole, so that no link's other end is ever written to. What is cut off is kept.
 * @param shell the program that stands in for ssh, and its words
 */
export const rsyncArgs = (
  folder: string,
  { folders }: Pick<GameData, "folders">,
  { data, incoming }: Place,
  shell: readonly string[],
): readonly string[] => [
  // Names go to the other end as they are, and not through a shell's words.
  "--protect-args",
  ...["--recursive", "--times", "--copy-links", "--perms", "--chmod=D755,F644"],
  ...["--partial", "--delete", "--delete-excluded", `--link-dest=${data}`, `--timeout=${SILENCE}`],
  ...ignored.map((name) => `--exclude=${name}`),
  "--rsh",
  shell.map(word).join(" "),
  ...folders.map((each) => `${folder.replace(/\/+$/, "") || "/"}/${each}`),
  `host:${incoming}/`,
];

/**
 * What root's bash on the host is to do for the rsync there, as the one here has called it: it works as the service
 * user, in folders that were made for it, and alone.
 * @param called the words that rsync gave to its remote shell, the host's name first
 */
export function receiver(called: readonly string[], { folders }: Pick<GameData, "folders">, place: Place): string {
  const [, program, ...args] = called;
  if (program !== "rsync" || args[0] !== "--server") throw new Failure(`rsync asked for something else: ${program}`);
  const { incoming, user, group } = place;
  const made = folders.map((folder) => quote(`${incoming}/${folder}`)).join(" ");
  const lock = quote(`${LOCKS}/${place.lock}`);
  return [
    `install -d -m 0755 ${quote(incoming)} && install -d -m 0755 -o ${quote(user)} -g ${quote(group)} ${made} || exit 1`,
    `mkdir -p ${LOCKS} || exit 1`,
    `exec flock -w 10 ${lock} runuser -u ${quote(user)} -- env -i PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 rsync ${args.map(quote).join(" ")}`,
    "",
  ].join("\n");
}
