import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../program/failure";
import { asGameData, type GameData, problems, type SeenFile } from "./findings";
import { type DataFolder, dataFolders, HEAD, hasHead, readHead } from "./formats";

/** Files that file managers leave behind; they are not sent. */
export const ignored = [".*", "Thumbs.db", "desktop.ini"] as const;
const isIgnored = (name: string): boolean => name.startsWith(".") || (ignored as readonly string[]).includes(name);

/** Reads a folder on this machine that is to be sent, file by file. @throws Failure when it is not game data */
export function lookAt(folder: string): GameData {
  const found = new Set(list(folder, folder));
  refuseClient(folder, found);
  const files: SeenFile[] = [];
  try {
    for (const each of dataFolders) if (found.has(each)) walk(folder, each, files);
  } catch (error) {
    throw new Failure(`${folder} cannot be read whole: ${(error as Error).message}`);
  }
  return checked(folder, files);
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
function walk(top: string, path: DataFolder | string, files: SeenFile[]): void {
  for (const name of readdirSync(join(top, path)).sort()) {
    if (isIgnored(name)) continue;
    const at = `${path}/${name}`;
    const { size, mtimeMs, ...kind } = statAt(join(top, at));
    if (kind.folder) walk(top, at, files);
    else files.push({ path: at, size, mtime: Math.floor(mtimeMs / 1000), ...headOf(join(top, at), at, size) });
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
