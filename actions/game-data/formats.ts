/** The formats of game data files, by their names and the first bytes that the core reads too. */

/** The folders of game data, in the order in which the tools make them. */
export const dataFolders = ["dbc", "maps", "vmaps", "mmaps", "Cameras"] as const;
export type DataFolder = (typeof dataFolders)[number];

/** How many first bytes of a file are read; server/actions/game-data.sh reads as many. */
export const HEAD = 20;

/** What a file's first bytes tell. */
export interface Head {
  /** The version of its format, where it has one. */
  readonly version?: string;
  /** What is wrong with the file. */
  readonly wrong?: Wrong;
}
export type Wrong = "other" | "short" | "raw";

/** The readers by folder and end of the name; other files are sent without a look into them. */
const readers: Readonly<Record<string, (head: Buffer, size: number) => Head>> = {
  "dbc/dbc": (head, size) => {
    if (text(head, 0, 4) !== "WDBC" || head.length < HEAD) return { wrong: size < HEAD ? "short" : "other" };
    const [records, , recordSize, strings] = [4, 8, 12, 16].map((at) => head.readUInt32LE(at)) as Four;
    return size < HEAD + records * recordSize + strings ? { wrong: "short" } : {};
  },
  "maps/map": (head) => numbered(head, "MAPS", 4),
  "vmaps/vmtree": vmap,
  "vmaps/vmtile": vmap,
  "vmaps/vmo": vmap,
  "vmaps/dtree": vmap,
  // In the source the name is a number, so the file has it backwards.
  "mmaps/mmtile": (head, size) => {
    const found = numbered(head, "PAMM", 8);
    if (found.wrong) return found;
    return head.length < HEAD || size < HEAD + head.readUInt32LE(12) ? { ...found, wrong: "short" } : found;
  },
  "mmaps/mmap": (_head, size) => (size < MESH_PARAMETERS ? { wrong: "short" } : {}),
  "Cameras/m2": (head) => (text(head, 0, 4) === "MD20" ? {} : { wrong: head.length < 4 ? "short" : "other" }),
};
type Four = [number, number, number, number];
/** dtNavMeshParams: where a map begins, the size of a tile, and how many tiles and polygons there may be. */
const MESH_PARAMETERS = 28;

const text = (head: Buffer, from: number, to: number): string => head.toString("latin1", from, to);

function numbered(head: Buffer, magic: string, at: number): Head {
  if (head.length < at + 4) return { wrong: "short" };
  return text(head, 0, 4) === magic ? { version: String(head.readUInt32LE(at)) } : { wrong: "other" };
}

function vmap(head: Buffer): Head {
  const magic = text(head, 0, 8);
  if (magic.length < 8) return { wrong: "short" };
  if (/^VMAP\d/.test(magic)) return { wrong: "raw" };
  const [, version] = /^VMAP_(\S+)$/.exec(magic) ?? [];
  return version ? { version } : { wrong: "other" };
}

/** @param path within the folder of the game data, such as "maps/0004331.map" */
export function readHead(path: string, head: Buffer, size: number): Head {
  const folder = path.slice(0, path.indexOf("/"));
  return readers[`${folder}/${path.slice(path.lastIndexOf(".") + 1)}`]?.(head, size) ?? {};
}

/** Whether the file's first bytes tell a version. */
export const hasVersion = (path: string): boolean => hasHead(path) && !/^(dbc|Cameras)\/|\.mmap$/.test(path);

/** Whether the file's first bytes are read. */
export const hasHead = (path: string): boolean =>
  `${path.slice(0, path.indexOf("/"))}/${path.slice(path.lastIndexOf(".") + 1)}` in readers;
