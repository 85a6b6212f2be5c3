/**
 * Lab servers on which the stand-in core is checked out and built: the first test that asks makes the image, all others
 * boot it.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { backupAccountPlan, backupNowPlan, backupUserPlan } from "../../components/backups/plans";
import { userPlan } from "../../components/host/user";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { type Machine, onMachine, run } from "./on-machine";

const checkout = resolve(__dirname, "../..");
const machineScript = join(checkout, "tests/lab/machine.sh");
export const root = "/var/lib/trinity/Projects/trinity-335";
const socket = "/run/mysqld/mysqld.sock";
const secretsFolder = "/etc/trinity-stack";

export const sourceArgs = {
  ...{
    root,
    secretsFolder,
    user: "trinity",
    socket,
    repository: "/srv/git/core.git",
    branch: "3.3.5",
    commit: "",
    knownHosts: "",
    patches: [],
  },
};
export const buildArgs = {
  ...{
    root,
    secretsFolder,
    user: "trinity",
    socket,
    compiler: "gcc",
    type: "RelWithDebInfo",
    options: [] as string[],
    jobs: 0,
  },
  ...{ min_disk_mb: 1000, min_memory_mb: 1000, job_memory_mb: 700 },
};
const work = `${root}/work/worldserver`;
export const tdbArgs = {
  "realm.key": "wotlk",
  ...{
    root,
    work,
    secretsFolder,
    user: "trinity",
    source: "",
    sha256: "",
    database: "world",
    socket,
    min_disk_mb: 100,
  },
};
export const schemaArgs = {
  "realm.key": "wotlk",
  ...{ root, user: "trinity", socket, mariadb: "mariadb.service", min_disk_mb: 100, probe: 1 },
  ...{ auth: "auth", characters: "characters", world: "world" },
  ...{ work, secretsFolder, conf: `${root}/etc/worldserver.conf.d` },
  servers: [
    `worldserver worldserver.service ${root}/logs/Server.log ${secretsFolder}/worldserver.env worldserver-unit`,
    `authserver authserver.service ${root}/logs/Auth.log ${secretsFolder}/authserver.env authserver-unit`,
  ].join("\n"),
};
export const tdbName = "TDB_full_world_335.25101_2025_10_21";

type Args = Parameters<Machine["apply"]>[2];

/** A step that has to succeed. */
export function applied(
  machine: Machine,
  kind: string,
  args: Args,
  files: Parameters<Machine["apply"]>[4] = {},
): string {
  const { code, out, err } = machine.apply(kind, kind, args, {}, files);
  if (code !== 0) throw new Error(`${kind} ended with ${code}\n${out}${err}`);
  return out;
}

/**
 * A fresh server with the service user, the realm's folders and the stand-in's repositories in /srv/git and /srv/tdb.
 */
export function prepared(name: string): Machine {
  const machine = onMachine(name, "baked");
  const local = mkdtempSync(join(tmpdir(), "standin-"));
  try {
    for (const [script, folder] of [
      ["make-repository.sh", "git"],
      ["tdb/make-tdb.sh", "tdb"],
    ] as const) {
      const made = run("bash", [join(checkout, "tests/lab/core", script), join(local, folder)]);
      if (made.code !== 0) throw new Error(made.err);
    }
    run("sh", [
      "-c",
      `tar -C ${local} -cf - git tdb | ${machineScript} exec ${name} tar -C /srv --no-same-owner -xf -`,
    ]);
  } finally {
    rmSync(local, { recursive: true, force: true });
  }
  applied(machine, "user", userPlan(onLab(load({}))).args);
  machine.sh(`cp -a /srv/tdb/${tdbName}.sql ${root}/work/worldserver/
    command -v curl >/dev/null || { apt-get -q update && apt-get -q install -y --no-install-recommends curl; } >/dev/null 2>&1`);
  return machine;
}

/** What the image depends on. */
function key(): string {
  const hash = createHash("sha256");
  const add = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) add(join(path, entry.name));
      else hash.update(entry.name).update(readFileSync(join(path, entry.name)));
    }
  };
  for (const folder of ["tests/lab/core", "tests/lab/core-submodule"]) add(join(checkout, folder));
  for (const file of [
    ...["server/units/build.sh", "server/kinds/build.sh", "server/lib/releases.sh", "tests/server/built.ts"],
    ...["components/host/user.ts", "server/kinds/user.sh"],
  ])
    hash.update(readFileSync(join(checkout, file)));
  return hash.digest("hex").slice(0, 10);
}

export function built(name: string): Machine {
  const image = `built-${key()}`;
  const images = run(machineScript, ["images"]).out.split("\n");
  if (!images.includes(image)) {
    for (const old of images.filter((other) => other.startsWith("built-"))) run(machineScript, ["forget", old]);
    const machine = prepared(name);
    applied(machine, "source", sourceArgs);
    applied(machine, "build", buildArgs);
    const kept = run(machineScript, ["snapshot", name, image]);
    // Another test file may have made it meanwhile.
    const made = () => run(machineScript, ["images"]).out.split("\n").includes(image);
    if (kept.code !== 0 && !made()) throw new Error(`the snapshot ${image} ended with ${kept.code}: ${kept.err}`);
  }
  return onMachine(name, image);
}

/** The settings of databases with the names that these tests use. */
const withNames = onLab(
  load({
    "login.database.name": schemaArgs.auth,
    "realms.wotlk.databases.characters.name": schemaArgs.characters,
    "realms.wotlk.databases.world.name": schemaArgs.world,
  }),
);

/** The same with empty databases that the service user may fill, and that can be backed up. */
export function withDatabases(name: string): Machine {
  const machine = built(name);
  machine.sh(`systemctl start mariadb
    for d in auth characters world; do
      mariadb -e "CREATE DATABASE $d CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
    done
    mariadb -e "CREATE USER trinity@localhost IDENTIFIED VIA unix_socket; GRANT ALL ON auth.* TO trinity@localhost;
      GRANT ALL ON characters.* TO trinity@localhost; GRANT ALL ON world.* TO trinity@localhost"`);
  for (const { step, kind, args } of [
    backupUserPlan(withNames),
    backupAccountPlan(withNames, facts()),
    backupNowPlan(withNames, facts()),
  ]) {
    const { code, out, err } = machine.apply(step, kind, args);
    if (code !== 0) throw new Error(`${step}: ${out}${err}`);
  }
  return machine;
}
