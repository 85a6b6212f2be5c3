/** What is found in a folder of game data, and what is wrong with it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DataFolder, dataFolders, type Wrong } from "./formats";

/** One file, by its path within the folder. */
export interface DataFile {
  readonly path: string;
  readonly size: number;
  /** Whole seconds, as rsync compares them. */
  readonly mtime: number;
}

/** A file with what its first bytes tell. */
export interface SeenFile extends DataFile {
  readonly version?: string;
  readonly wrong?: Wrong;
}

export type Versions = Readonly<Partial<Record<DataFolder, string>>>;

/** Game data that may be sent. */
export interface GameData {
  readonly files: readonly DataFile[];
  readonly folders: readonly DataFolder[];
  readonly bytes: number;
  /** The version of each format that has one. */
  readonly versions: Versions;
}

/** Which file each of these folders must have, by the end of its name, and which tool of a release makes it. */
const needed: Readonly<Partial<Record<DataFolder, { readonly end: string; readonly tool: string }>>> = {
  dbc: { end: ".dbc", tool: "mapextractor" },
  maps: { end: ".map", tool: "mapextractor" },
  vmaps: { end: ".vmtree", tool: "vmap4extractor and vmap4assembler" },
};

/** Where new characters begin; the list is in the script that looks at what extractors made. */
const [, list = ""] = /^START_TILES=\((.*)\)$/m.exec(
  readFileSync(join(__dirname, "../../server/extract/stages.sh"), "utf8"),
) as RegExpExecArray;
const startTiles = list.split(" ").map((tile) => `maps/${tile}.map`);

export const folderOf = ({ path }: DataFile): DataFolder => path.slice(0, path.indexOf("/")) as DataFolder;

/** The versions of a folder's files: how many files have each, and one of them. */
type Found = Map<string, { count: number; path: string }>;

/** The folders that files are in, with the versions found there. */
function foldersOf(files: readonly SeenFile[]): ReadonlyMap<DataFolder, Found> {
  const folders = new Map<DataFolder, Found>();
  for (const file of files) {
    const folder = folderOf(file);
    const versions: Found = folders.get(folder) ?? new Map();
    folders.set(folder, versions);
    if (file.version === undefined) continue;
    const known = versions.get(file.version);
    if (known) known.count++;
    else versions.set(file.version, { count: 1, path: file.path });
  }
  return folders;
}

const amount = (files: readonly DataFile[]): string =>
  files.length === 1 ? (files[0] as DataFile).path : `${files.length} files, such as ${files[0]?.path}`;

const faults: Readonly<Record<Wrong, (what: string, folder: DataFolder) => string>> = {
  short: (what, folder) =>
    folder === "mmaps"
      ? `not finished: ${what}; delete them and let mmaps_generator make them again`
      : `cut off: ${what}; copy or extract them again`,
  other: (what) => `no file of the game data, by what it begins with: ${what}`,
  raw: (what) => `what vmap4extractor made, which vmap4assembler turns into vmaps first: ${what}`,
};

/** A sentence for each reason why this must not be sent. */
export function problems(files: readonly SeenFile[]): string[] {
  const lacking = Object.entries(needed).filter(
    ([folder, { end }]) => !files.some((file) => folderOf(file) === folder && file.path.endsWith(end)),
  );
  const missing = lacking.map(
    ([folder, { end, tool }]) => `${folder} is missing, or has no file that ends in ${end}: ${tool} makes it`,
  );
  const paths = new Set(files.map(({ path }) => path));
  const tiles = lacking.some(([folder]) => folder === "maps") ? [] : startTiles.filter((tile) => !paths.has(tile));
  const found = foldersOf(files);
  const mixed = dataFolders.flatMap((folder) => {
    const versions = [...(found.get(folder) ?? [])];
    if (versions.length < 2) return [];
    const each = versions.map(([version, { count, path }]) => `${version} (${count}, such as ${path})`);
    return [`${folder} has files of several versions: ${each.join(", ")}; make all of them with the same tools`];
  });
  return [
    ...missing,
    ...(tiles.length > 0 ? [`where new characters stand is missing: ${tiles.join(", ")}; extract the maps again`] : []),
    ...faulty(files),
    ...mixed,
    ...unspeakable(files),
  ];
}

function faulty(all: readonly SeenFile[]): string[] {
  const files = all.filter(({ wrong }) => wrong !== undefined);
  return dataFolders.flatMap((folder) =>
    (Object.keys(faults) as Wrong[]).flatMap((wrong) => {
      const some = files.filter((file) => file.wrong === wrong && folderOf(file) === folder);
      return some.length > 0 ? [faults[wrong](amount(some), folder)] : [];
    }),
  );
}

/** Names that no list with a line for each file can have. */
function unspeakable(files: readonly SeenFile[]): string[] {
  const odd = files.filter(({ path }) => /[\p{Cc}\\]/u.test(path));
  return odd.length > 0
    ? [`a name with a backslash or a control character in it: ${JSON.stringify(odd[0]?.path)}`]
    : [];
}

/** Sums up files that may be sent. */
export function asGameData(files: readonly SeenFile[]): GameData {
  const found = foldersOf(files);
  const folders = dataFolders.filter((folder) => found.has(folder));
  const versions = folders.flatMap((folder) =>
    [...(found.get(folder)?.keys() ?? [])].slice(0, 1).map((version) => [folder, version]),
  );
  return {
    files,
    folders,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    versions: Object.fromEntries(versions),
  };
}

/** "dbc, maps 10, vmaps 4.8, mmaps 15" */
export const inWords = ({ folders, versions }: Pick<GameData, "folders" | "versions">): string =>
  folders.map((folder) => [folder, versions[folder]].filter(Boolean).join(" ")).join(", ");
