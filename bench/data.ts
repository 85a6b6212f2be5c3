/**
 * Game data to a lab host by this stack, by `scp -r` and by rsync, first and with 1 % of it changed: `npm run bench:data
 * [files [MB [ms…]]]`, with so many small files and so many MB in four large ones, over a connection with these
 * milliseconds of round trip, or with 0 and 80. Look at the ratios: machines differ and are shared. A round trip of 0 is
 * the lab's own network; others go through a proxy.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convergedRealm, destroyLab, expectOk, type RealmLab } from "../tests/e2e/realm-lab";
import { paths, start } from "../tests/lab/machine";
import { CHECKOUT } from "../tests/lab/pulumi";
import { delayed } from "../tests/support/delay";
import { seconds } from "./measure";

const [files = 100_000, megabytes = 1_100, ...roundTrips] = process.argv.slice(2).map(Number);
const DATA = "/var/lib/trinity/Projects/trinity-335/data";
const LARGE = 4;
/** A tool that takes so many times as long as this stack is ended. */
const PATIENCE = 5;
/** The exit code of `timeout`. */
const TIMED_OUT = 124;

/** Where the host's sshd is reached. */
interface Door {
  readonly address: string;
  readonly port: number;
}

interface Tool {
  readonly name: string;
  /** Where it brings the data. */
  readonly to: string;
  /** @returns false when it was ended after `limit` seconds */
  send(to: Door, limit: number): Promise<boolean>;
}

const small = (n: number) => join("vmaps", `${n}.vmo`);
const vmap = (bytes: number) => Buffer.concat([Buffer.from("VMAP_4.8"), randomBytes(bytes - 8)]);

function makeTree(folder: string): void {
  execFileSync(join(CHECKOUT, "tests/lab/core/make-data.sh"), [folder]);
  mkdirSync(join(folder, "vmaps"), { recursive: true });
  for (let n = 0; n < files; n++) writeFileSync(join(folder, small(n)), vmap(2_000 + (n % 4_000)));
  for (let n = 0; n < LARGE; n++) {
    writeFileSync(join(folder, `vmaps/large${n}.vmo`), vmap(Math.round((megabytes * 1e6) / LARGE)));
  }
}

/** Another 1 % of the small files, with other content, each time. */
function change(folder: string): void {
  for (let n = 0; n < files; n += 100) writeFileSync(join(folder, small(n)), vmap(2_000 + (n % 4_000)));
}

function tools({ stack }: RealmLab, folder: string): readonly Tool[] {
  const key = join(paths().cache, "lab_ed25519");
  const login = [
    "-i",
    key,
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "LogLevel=ERROR",
  ];
  const limited = async (limit: number, program: string, args: readonly string[]): Promise<boolean> => {
    const ended = await start("timeout", [`${limit}`, program, ...args]).done;
    if (ended.code !== TIMED_OUT) expectOk(ended);
    return ended.code === 0;
  };
  return [
    {
      name: "this stack",
      to: DATA,
      send: async () => expectOk(await stack.realm(["data", "send", folder, ...stack.where])) !== "",
    },
    {
      name: "rsync",
      to: "/srv/rsync",
      send: ({ address, port }, limit) =>
        limited(limit, "rsync", [
          ...["-a", "--delete", "-e", ["ssh", "-p", `${port}`, ...login].join(" ")],
          ...[`${folder}/`, `root@${address}:/srv/rsync/`],
        ]),
    },
    {
      name: "scp -r",
      to: "/srv/scp",
      send: ({ address, port }, limit) =>
        limited(limit, "scp", ["-q", "-r", "-p", "-P", `${port}`, ...login, `${folder}/.`, `root@${address}:/srv/scp`]),
    },
  ];
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-data-"));
  const realm = await convergedRealm("bench-data");
  const { machine } = realm;
  try {
    makeTree(folder);
    for (const roundTrip of roundTrips.length > 0 ? roundTrips : [0, 80]) {
      await machine.sure(putAside);
      const proxy = roundTrip > 0 ? await delayed(machine.address, 22, roundTrip) : undefined;
      const door = proxy ? { address: "127.0.0.1", port: proxy.port } : { address: machine.address, port: 22 };
      await realm.stack.set({
        "trinitycore:host.address": door.address,
        "trinitycore:host.ssh.port": door.port,
        "trinitycore:host.key": machine.hostKey,
      });
      console.log(
        `\n${files} small files and ${megabytes} MB, ${roundTrip} ms round trip: seconds, and times this stack's\n`,
      );
      for (const row of ["first", "1 % changed"]) {
        if (row !== "first") change(folder);
        process.stdout.write(row.padEnd(12));
        let limit = 3600;
        let base = 0;
        for (const tool of tools(realm, folder)) {
          let whole = false;
          // No tool waits for the disk because of what another one wrote.
          execFileSync("sync");
          const time = await seconds(async () => {
            whole = await tool.send(door, limit);
          });
          if (base === 0) [base, limit] = [time, Math.ceil(time * PATIENCE)];
          const told = whole ? `${time.toFixed(1)} (${(time / base).toFixed(2)})` : `over ${limit} (over ${PATIENCE})`;
          process.stdout.write(`  ${tool.name} ${told}`.padEnd(28));
          if (whole) await same(realm, folder, tool.to);
        }
        console.log();
      }
      proxy?.close();
    }
  } finally {
    rmSync(folder, { recursive: true });
    await destroyLab(realm);
  }
}

/**
 * Puts all that was sent before aside. It is not removed: ext4 takes minutes until it makes new files as fast as before
 * when many were removed.
 */
const putAside =
  `before=$(mktemp -d /srv/before.XXXXXX) && mkdir $before/data && mv ${DATA}/* $before/data/; ` +
  `mv ${DATA}.* /srv/rsync /srv/scp $before/; mkdir /srv/scp`;

/** @throws Error where a tool did not bring what is here */
async function same({ machine }: RealmLab, folder: string, to: string): Promise<void> {
  const sums = "find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum";
  const here = execFileSync("bash", ["-c", sums], { cwd: folder, encoding: "utf8" }).trim();
  if ((await machine.sure(`cd ${to} && ${sums}`)) !== here) throw new Error(`${to} is not what was sent`);
}

void main();
