/** What the files of the game data are, told by their names and first bytes; the core reads the same ones. */

/** The folders that hold it, in the order in which an operator makes them. */
export const dataFolders = ["dbc", "maps", "vmaps", "mmaps", "Cameras"] as const;
export type DataFolder = (typeof dataFolders)[number];

/** How many bytes of a file are looked at. */
export const HEAD = 20;

/** What one file's first bytes say. */
export interface Head {
  /** The version of its format, where it has one. */
  readonly version?: string;
  /** What is wrong with the file. */
  readonly wrong?: Wrong;
}
export type Wrong = "other" | "short" | "raw";

/** Files by the folder and the end of the name; what is not listed is sent unseen. */
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
  // The name is a number in the source, so that it lies here backwards.
  "mmaps/mmtile": (head, size) => {
    const found = numbered(head, "PAMM", 8);
    if (found.wrong) return found;
    return head.length < HEAD || size < HEAD + head.readUInt32LE(12) ? { ...found, wrong: "short" } : found;
  },
  "mmaps/mmap": (_head, size) => (size < MESH_PARAMETERS ? { wrong: "short" } : {}),
  "Cameras/m2": (head) => (text(head, 0, 4) === "MD20" ? {} : { wrong: head.length < 4 ? "short" : "other" }),
};
type Four = [number, number, number, number];
/** Three numbers for where a map begins, two for the size of a tile, two for how many there may be. */
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

/** Whether it is looked into. */
export const hasHead = (path: string): boolean =>
  `${path.slice(0, path.indexOf("/"))}/${path.slice(path.lastIndexOf(".") + 1)}` in readers;
