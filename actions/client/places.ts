/** Where a game client may be on the operator's machine. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The folder of a client, as people call it. */
const CLIENT = "(World of Warcraft|WoW|Wrath|WotLK).*";
/** The disk of a wine prefix, and the folder in it that has programs. */
const PROGRAMS = ["drive_c", ".+"];

/** Below the home folder: a pattern for each name on the way. The wiki page's place is the first. */
const inHome: readonly (readonly string[])[] = [
  [".wine", ".+", ...PROGRAMS, CLIENT],
  [".wine", ...PROGRAMS, CLIENT],
  ["Games", ".+", ...PROGRAMS, CLIENT],
  ["Games|Downloads|Desktop", CLIENT],
  [CLIENT],
  [".local", "share", "bottles", "bottles", ".+", ...PROGRAMS, CLIENT],
  [".var", "app", "com.usebottles.bottles", "data", "bottles", "bottles", ".+", ...PROGRAMS, CLIENT],
  [".PlayOnLinux", "wineprefix", ".+", ...PROGRAMS, CLIENT],
  [".local", "share", "Steam", "steamapps", "compatdata", ".+", "pfx", ...PROGRAMS, CLIENT],
];

/** Elsewhere, such as on the disks of Windows, where WSL shows them. */
const elsewhere: readonly (readonly [string, ...string[]])[] = [
  ["/opt", CLIENT],
  ["/mnt", "[a-z]", CLIENT],
  ["/mnt", "[a-z]", "Program Files.*|Games", CLIENT],
];

/** Folders that match the patterns, one for each name, whatever its case; what cannot be read has none. */
function matching(folder: string, [pattern, ...rest]: readonly string[]): readonly string[] {
  if (pattern === undefined) return [folder];
  const whole = new RegExp(`^(?:${pattern})$`, "i");
  return namesIn(folder)
    .filter((name) => whole.test(name))
    .flatMap((name) => matching(join(folder, name), rest));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

const holds = (folder: string, name: string): string | undefined =>
  namesIn(folder).find((each) => each.toLowerCase() === name);

/** Whether it has archives as a client of this age has; what is made of one has links to them, and a mark. */
function isClient(folder: string): boolean {
  const data = holds(folder, "data");
  if (data === undefined || existsSync(join(folder, MARK))) return false;
  try {
    return readdirSync(join(folder, data)).some((name) => name.toLowerCase() === "lichking.mpq");
  } catch {
    return false;
  }
}

/** What says that a folder is one in which game data is made (server/extract/scratch.sh). */
export const MARK = ".game-data-is-made-here";

/**
 * The clients in the usual places.
 * @param prefix a wine prefix that the operator uses (`WINEPREFIX`)
 */
export function findClients(home: string, prefix?: string): readonly string[] {
  const found = [
    ...(prefix ? matching(prefix, [...PROGRAMS, CLIENT]) : []),
    ...inHome.flatMap((patterns) => matching(home, patterns)),
    ...elsewhere.flatMap(([folder, ...patterns]) => matching(folder, patterns)),
  ];
  return [...new Set(found)].filter(isClient);
}
