import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../program/failure";
import { asGameData, type DataFile, type GameData, problems, type SeenFile } from "./findings";
import { type DataFolder, dataFolders, HEAD, hasHead, readHead } from "./formats";

/** Files that file managers leave behind; they are not sent. */
const isIgnored = (name: string): boolean => name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";

/** The files in a folder on this machine that is to be sent. @throws Failure when it cannot be game data */
export function listFiles(folder: string): readonly DataFile[] {
  const files: DataFile[] = [];
  readingOf(folder, () => {
    for (const each of refuseOther(folder)) walk(folder, each, files);
  });
  return files;
}

/**
 * The folders of game data in a folder on this machine.
 * @throws Failure where its names alone show that it cannot be sent
 */
export function refuseOther(folder: string): readonly DataFolder[] {
  const found = new Set(list(folder, folder));
  refuseClient(folder, found);
  const folders = dataFolders.filter((each) => found.has(each));
  if (folders.length === 0) checked(folder, []);
  return folders;
}

/**
 * Looks into these files of a folder.
 * @param known the version of a file that was looked into before, or "" where it has none
 * @throws Failure when they are not game data
 */
export function lookInto(
  folder: string,
  files: readonly DataFile[],
  known: (file: DataFile) => string | undefined = () => undefined,
): GameData {
  return readingOf(folder, () => {
    const seen = files.map((file): SeenFile => {
      const version = known(file);
      if (version !== undefined) return version ? { ...file, version } : file;
      return { ...file, ...headOf(join(folder, file.path), file.path, file.size) };
    });
    return checked(folder, seen);
  });
}

/** @throws Failure where the file system does */
function readingOf<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${folder} cannot be read whole: ${(error as Error).message}`);
  }
}

/** @throws Failure when the folder, with these names in it, is a game client */
export function refuseClient(folder: string, inside: ReadonlySet<string>): void {
  if (!inside.has("Data") || inside.has("maps")) return;
  throw new Failure(
    `${folder} is a game client, and no game data yet: \`npm run realm -- data extract FOLDER\` makes it ` +
      "(with --on-host where FOLDER is on the host)",
  );
}

/** @throws Failure with a line for each reason why this is not game data that a worldserver can use */
export function checked(folder: string, files: readonly SeenFile[]): GameData {
  const wrong = problems(files);
  if (wrong.length > 0) {
    throw new Failure(`${folder} is not sent as game data:\n${wrong.map((line) => `  ${line}`).join("\n")}`);
  }
  return asGameData(files);
}

function list(folder: string, shown: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new Failure(`${shown} cannot be read: ${(error as Error).message}`);
  }
}

/** Follows links, because a client's files are often on another disk. */
function walk(top: string, path: DataFolder | string, files: DataFile[]): void {
  for (const name of readdirSync(join(top, path)).sort()) {
    if (isIgnored(name)) continue;
    const at = `${path}/${name}`;
    const { size, mtimeMs, ...kind } = statAt(join(top, at));
    if (kind.folder) walk(top, at, files);
    else files.push({ path: at, size, mtime: Math.floor(mtimeMs / 1000) });
  }
}

function statAt(path: string): { folder: boolean; size: number; mtimeMs: number } {
  const found = statSync(path);
  if (!found.isDirectory() && !found.isFile()) throw new Error(`${path} is neither a file nor a folder`);
  return { folder: found.isDirectory(), size: found.size, mtimeMs: found.mtimeMs };
}

const buffer = Buffer.alloc(HEAD);
function headOf(file: string, path: string, size: number): ReturnType<typeof readHead> {
  if (!hasHead(path)) return {};
  const opened = openSync(file, "r");
  try {
    return readHead(path, buffer.subarray(0, readSync(opened, buffer, 0, HEAD, 0)), size);
  } finally {
    closeSync(opened);
  }
}
