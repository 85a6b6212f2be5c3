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
 * Sockets on this machine that the plugins connect to. Their paths are kept in the state, so they are the same in every
 * run, for every user and on every machine: the engine starts program and plugins in the project's folder, and
 * `/proc/self/cwd` leads each of them there. It is short as well: the path of a socket may have 107 bytes. What is
 * below belongs to the operator alone.
 */
const BELOW = "node_modules/.cache/trinitycore-stack";
const PROJECT = resolve(__dirname, "..");

/** How long a server counts as reached just now. */
const LATELY_MS = 180_000;

/** The folder, and the path by which a plugin gets to it. */
interface Place {
  readonly folder: string;
  readonly seen: string;
}

/** A folder that nobody else may look into. @throws Error when there is something else, or somebody else's */
function own(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0) {
    throw new Error(`${folder} is not this user's alone`);
  }
  return folder;
}

let found: Place | undefined;
/** @throws Failure when there is no place for a socket. */
function place(): Place {
  found ??= inProject() ?? elsewhere();
  return found;
}

function inProject(): Place | undefined {
  try {
    const folder = own(join(PROJECT, BELOW));
    const here = (path: string) => statSync(path, { throwIfNoEntry: false })?.ino;
    if (here("/proc/self/cwd") !== here(PROJECT)) return undefined;
    return { folder, seen: `/proc/self/cwd/${BELOW}` };
  } catch {
    return undefined;
  }
}

/** Without /proc (macOS), or in a project that cannot be written to. */
function elsewhere(): Place {
  const folder = `/tmp/trinitycore-stack-${userInfo().uid}`;
  try {
    return { folder: own(folder), seen: folder };
  } catch (error) {
    throw new Failure(
      `there is no place for the sockets of the plugins: neither ${join(PROJECT, BELOW)} nor ${folder} can be had as a folder of this user's ` +
        `alone (${(error as Error).message}); remove what is there`,
    );
  }
}

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};

/** What a plugin says when nothing listens there is this name, so it says what to do. */
const nameFor = (what: string, key: string): string => `needs--run-program-${what}${short(key)}`;

/** The path of a socket, whether or not something listens there yet. */
export const localPath = (what: string, key: string): string => `${place().seen}/${nameFor(what, key)}`;

/**
 * Listens there. Of several runs side by side one has the path; when it ends, another takes it over, so that none loses
 * its way.
 * @returns the path, the same in every run
 */
export async function listenLocally(what: string, key: string, serve: (socket: Socket) => void): Promise<string> {
  const { folder, seen } = place();
  const name = nameFor(what, key);
  const mine = `${name}.${process.pid}`;
  clear(folder);
  const server = createServer((socket) => {
    socket.unref();
    serve(socket);
  });
  rmSync(join(folder, mine), { force: true });
  await listening(server, `${seen}/${mine}`);
  server.unref();
  claim(folder, name, mine);
  const again = setInterval(() => claim(folder, name, mine), 250).unref();
  process.once("exit", () => {
    clearInterval(again);
    if (holder(folder, name) === mine) rmSync(join(folder, name), { force: true });
    rmSync(join(folder, mine), { force: true });
  });
  return `${seen}/${name}`;
}

function holder(folder: string, name: string): string | undefined {
  try {
    return readlinkSync(join(folder, name));
  } catch {
    return undefined;
  }
}

/** Takes the path, unless one who lives has it. */
function claim(folder: string, name: string, mine: string): void {
  const now = holder(folder, name);
  if (now === mine || (now && alive(Number(now.split(".").pop())))) return;
  const link = join(folder, `${mine}.link`);
  rmSync(link, { force: true });
  symlinkSync(mine, link);
  renameSync(link, join(folder, name));
}

/** What runs left that were killed, and marks that are too old to tell anything. */
function clear(folder: string): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const pid = Number(/\.(\d+)(\.link)?$/.exec(file)?.[1] ?? holder(folder, file)?.split(".").pop());
    const old =
      file.startsWith("reached-") && Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > LATELY_MS;
    if (old || (pid && !alive(pid))) rmSync(path, { force: true });
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(path, () => done());
  });
}

const mark = ({ host, port }: { host: string; port: number }) =>
  join(place().folder, `reached-${short(`${host}:${port}`)}`);

/** Notes that this server took a login. */
export function reached(endpoint: { host: string; port: number }): void {
  try {
    writeFileSync(mark(endpoint), "");
    utimesSync(mark(endpoint), new Date(), new Date());
  } catch {
    // Only a better word for a later error would be lost.
  }
}

/** How many milliseconds ago this server took a login, where that was lately. */
export function lastReached(endpoint: { host: string; port: number }): number | undefined {
  try {
    const ago = Date.now() - statSync(mark(endpoint)).mtimeMs;
    return ago < LATELY_MS ? ago : undefined;
  } catch {
    return undefined;
  }
}
