import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { Failure } from "../program/failure";

/**
 * Sockets on the operator's machine that the plugins connect to. The state keeps their paths, so a path must be the
 * same in every run, for every user and on every machine: it begins with `/proc/self/cwd`, because the engine starts
 * the program and the plugins in the project's folder. It is also short, as a socket's path may have 107 bytes.
 */
const SUBFOLDER = "node_modules/.cache/trinitycore-stack";
const PROJECT = resolve(__dirname, "..");

/** How long a login counts as recent. */
const RECENT_MS = 180_000;

/** The folder of the sockets, and the path by which plugins get to it. */
interface SocketFolder {
  readonly folder: string;
  readonly pathForPlugins: string;
}

/** Makes a folder that only this user may enter. @throws Error when another user owns it, or may enter it */
function privateFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not this user's alone`);
  }
  return folder;
}

let socketFolder: SocketFolder | undefined;
/** @throws Failure when there is no folder for sockets */
function findSocketFolder(): SocketFolder {
  socketFolder ??= inProject() ?? inTmp();
  return socketFolder;
}

function inProject(): SocketFolder | undefined {
  try {
    const folder = privateFolder(join(PROJECT, SUBFOLDER));
    const here = (path: string) => statSync(path, { throwIfNoEntry: false })?.ino;
    if (here("/proc/self/cwd") !== here(PROJECT)) return undefined;
    return { folder, pathForPlugins: `/proc/self/cwd/${SUBFOLDER}` };
  } catch {
    return undefined;
  }
}

/** The folder where there is no /proc (macOS), or where the project cannot be written to. */
function inTmp(): SocketFolder {
  const folder = `/tmp/trinitycore-stack-${userInfo().uid}`;
  try {
    return { folder: privateFolder(folder), pathForPlugins: folder };
  } catch (error) {
    throw new Failure(
      "there is no folder for the sockets of the plugins: " +
        `neither ${join(PROJECT, SUBFOLDER)} nor ${folder} can be this user's alone (${(error as Error).message}); ` +
        "remove what is there",
    );
  }
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
const processExists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** A plugin prints this name when nothing listens there, so the name says what to do. */
const nameFor = (what: string, key: string): string => `needs--run-program-${what}${shortHash(key)}`;

/** The path of a socket, on which something may listen later. */
export const localPath = (what: string, key: string): string =>
  `${findSocketFolder().pathForPlugins}/${nameFor(what, key)}`;

/**
 * Listens on that socket. Of several runs at the same time one has the path; when it ends, another takes it over.
 * @returns the path, the same in every run
 */
export async function listenLocally(what: string, key: string, serve: (socket: Socket) => void): Promise<string> {
  const { folder, pathForPlugins: seen } = findSocketFolder();
  const name = nameFor(what, key);
  const mine = `${name}.${process.pid}`;
  removeStale(folder);
  const server = createServer((socket) => {
    socket.unref();
    serve(socket);
  });
  rmSync(join(folder, mine), { force: true });
  await listening(server, `${seen}/${mine}`);
  server.unref();
  takePath(folder, name, mine);
  const again = setInterval(() => takePath(folder, name, mine), 250).unref();
  process.once("exit", () => {
    clearInterval(again);
    if (linkTarget(folder, name) === mine) rmSync(join(folder, name), { force: true });
    rmSync(join(folder, mine), { force: true });
  });
  return `${seen}/${name}`;
}

function linkTarget(folder: string, name: string): string | undefined {
  try {
    return readlinkSync(join(folder, name));
  } catch {
    return undefined;
  }
}

/** Takes the path, unless a running process has it. */
function takePath(folder: string, name: string, mine: string): void {
  const now = linkTarget(folder, name);
  if (now === mine || (now && processExists(Number(now.split(".").pop())))) return;
  const link = join(folder, `${mine}.link`);
  rmSync(link, { force: true });
  symlinkSync(mine, link);
  renameSync(link, join(folder, name));
}

/** Removes the sockets of runs that were killed, and old notes of logins. */
function removeStale(folder: string): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const pid = Number(/\.(\d+)(\.link)?$/.exec(file)?.[1] ?? linkTarget(folder, file)?.split(".").pop());
    const old =
      file.startsWith("reached-") && Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > RECENT_MS;
    if (old || (pid && !processExists(pid))) rmSync(path, { force: true });
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(path, () => done());
  });
}

const loginMark = ({ host, port }: { host: string; port: number }) =>
  join(findSocketFolder().folder, `reached-${shortHash(`${host}:${port}`)}`);

/** Notes that a login at this endpoint succeeded. */
export function noteLogin(endpoint: { host: string; port: number }): void {
  try {
    writeFileSync(loginMark(endpoint), "");
    utimesSync(loginMark(endpoint), new Date(), new Date());
  } catch {
    // The note only makes a later error message more exact.
  }
}

/** How many milliseconds ago a login at this endpoint succeeded; undefined when that is not recent. */
export function msSinceLogin(endpoint: { host: string; port: number }): number | undefined {
  try {
    const ago = Date.now() - statSync(loginMark(endpoint)).mtimeMs;
    return ago < RECENT_MS ? ago : undefined;
  } catch {
    return undefined;
  }
}
