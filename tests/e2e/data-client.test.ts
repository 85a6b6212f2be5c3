import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../lab/machine";
import { CHECKOUT, type Stack } from "../lab/pulumi";
import { ROOT } from "./breakage";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("game data that is made of a client", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  const top = mkdtempSync(join(tmpdir(), "of a client "));
  const client = join(top, "World of Warcraft 3.3.5a.12340 enUS");
  const scratch = `${client}.extract`;
  const make = (folder: string, ...words: string[]) =>
    execFileSync(join(CHECKOUT, "tests/lab/core/make-client.sh"), [folder, ...words]);

  beforeAll(async () => {
    make(client);
    realm = await convergedRealm("client");
    ({ machine, stack } = realm);
    // As it is before an operator brings any.
    await machine.sure(`systemctl stop worldserver; rm -r ${ROOT}/data/*`);
  }, 1_500_000);
  afterAll(async () => {
    await destroyLab(realm);
    rmSync(top, { recursive: true, force: true });
  }, 120_000);

  const bash = (text: string, ...words: string[]) =>
    execFileSync("bash", ["-c", text, "-", ...words], { encoding: "utf8" }).trim();
  const all = (folder: string) => bash('cd "$1" && find . -printf "%p %m %T@ %l\n" | sort', folder);
  const extract = (...words: string[]) => stack.realm(["data", "extract", ...words, ...stack.where]);
  const sums = () => machine.sure(`cd ${ROOT}/data && find . -type f -print0 | sort -z | xargs -0 sha256sum`);
  const world = () => machine.sure("systemctl show -P MainPID worldserver");
  /** As `extract`, with extractors that take this long for each file, and in a process group of its own. */
  const slowly = (seconds: string, ...words: string[]): ChildProcess =>
    spawn(join(CHECKOUT, "node_modules/.bin/ts-node"), ["cli/realm.ts", "data", "extract", ...words, ...stack.where], {
      cwd: CHECKOUT,
      env: { ...stack.environment, STANDIN_SLOW_TOOLS: seconds },
      detached: true,
      stdio: "ignore",
    });
  const until = async (what: () => boolean) => {
    const end = Date.now() + 120_000;
    while (!what()) {
      if (Date.now() > end) throw new Error(`it did not come to that: ${what}`);
      await new Promise((again) => setTimeout(again, 20));
    }
  };
  const files = (folder: string) => (existsSync(join(scratch, folder)) ? readdirSync(join(scratch, folder)) : []);

  it("is refused, before the host is asked for anything, where the client is not one that will do", async () => {
    const other = join(top, "other");
    const refused = async () => {
      const { code, stderr } = await extract(other);
      expect([code, existsSync(`${other}.extract`)]).toEqual([2, false]);
      return stderr;
    };
    expect(await refused()).toContain("other is no folder");
    execFileSync("env", ["BUILD=12213", join(CHECKOUT, "tests/lab/core/make-client.sh"), other]);
    expect(await refused()).toContain("its Wow.exe is of build 12213; the core speaks with 3.3.5a, build 12340, alone");
    make(other);
    rmSync(join(other, "Data/lichking.MPQ"));
    writeFileSync(join(other, "Data/expansion.MPQ"), readFileSync(join(other, "Data/expansion.MPQ")).subarray(0, 60));
    expect(await refused()).toMatch(/expansion\.MPQ is cut off: it has 60 bytes.*\n.*lichking\.MPQ is missing/);
    make(other);
    rmSync(join(other, "Data/enUS"), { recursive: true });
    expect(await refused()).toContain("Data has no locale such as enUS in it");
    rmSync(other, { recursive: true });
  }, 200_000);

  it("goes on in each stage where it was cut off, whatever the case of the client's names", async () => {
    for (const name of ["common.MPQ", "enUS/locale-enUS.MPQ"]) {
      renameSync(join(client, "Data", name), join(client, "Data", name.toLowerCase().replace("enus/", "enUS/")));
    }
    renameSync(join(client, "Data"), join(client, "DATA"));
    const before = all(client);
    const done: string[] = [];
    for (const [stage, folder, enough] of [
      ["maps", "dbc", 3],
      ["buildings", "Buildings", 2],
      ["vmaps", "vmaps", 2],
      ["mmaps", "mmaps", 4],
    ] as const) {
      const child = slowly("0.5", client, "--mmaps");
      const ended = new Promise((over) => child.on("close", over));
      await until(
        () => existsSync(join(scratch, "running")) && files(folder).length >= enough && files("log").includes(stage),
      );
      // Of one stage only what started the extractor is killed, which goes on by itself then.
      const spared = stage === "vmaps" ? readFileSync(join(scratch, "running"), "utf8").trim() : "none";
      bash('kill -KILL $(pgrep -g "$1" | grep -vx "$2") 2>/dev/null || true', String(child.pid), spared);
      await ended;
      // What begins with a dot is a note that was being written.
      expect(
        files("done")
          .filter((name) => !name.startsWith("."))
          .sort(),
      ).toEqual([...done].sort());
      done.push(stage);
    }
    const kept = bash('cd "$1" && stat -c "%n %Y %i" done/* dbc/Map.dbc', scratch);
    const unfinished = bash('find "$1/mmaps" -name "*.mmtile" -size -200c', scratch);
    expect(unfinished).toContain(".mmtile");
    // Every stage is whole but the last: that one alone is done, and what was kept is what is sent.
    const last = expectOk(await extract(client, "--mmaps", "--keep"));
    expect(last).toMatch(/^mmaps \(mmaps_generator\): \d+ files, /m);
    expect(
      bash(
        'cd "$1" && stat -c "%n %Y %i" done/[mbv]aps done/buildings done/vmaps dbc/Map.dbc 2>/dev/null | sort -u',
        scratch,
      ).split("\n"),
    ).toEqual(expect.arrayContaining(kept.split("\n").filter((line) => !line.startsWith("done/mmaps"))));
    expect(bash('find "$1/mmaps" -name "*.mmtile" -size -200c', scratch)).toBe("");
    expect(all(client)).toBe(before);
    expect(await sums()).toBe(
      bash(
        'cd "$1" && find dbc maps vmaps mmaps Cameras -type f -printf "./%p\\0" | sort -z | xargs -0 sha256sum',
        scratch,
      ),
    );
  }, 600_000);

  it("lets the worldserver start with the next `up`, and leaves nothing here", async () => {
    expectOk(await stack.up());
    expect(await machine.sure("systemctl is-active worldserver")).toBe("active");
    expect(await stack.outputs()).toMatchObject({ gameData: "dbc, maps 10, vmaps 4.8, mmaps 15, Cameras" });
    const said = expectOk(await extract(client, "--mmaps"));
    expect(said).toMatch(/has all of it; there is nothing to do\n.*\.extract is removed; the client is as it was\n$/);
    expect(readdirSync(top)).toEqual(["World of Warcraft 3.3.5a.12340 enUS"]);
  }, 300_000);

  it("does not touch what is live where the extractors find nothing, or the disk is full", async () => {
    const [live, pid] = [await sums(), await world()];
    const empty = join(top, "empty");
    make(empty);
    const common = join(empty, "Data/common.MPQ");
    writeFileSync(common, readFileSync(common, "latin1").replace("World\\Maps", "Cellar\\Map"), "latin1");
    const nothing = await extract(empty);
    expect([nothing.code, nothing.stderr]).toEqual([
      2,
      expect.stringMatching(/^mapextractor found no maps in the client$/m),
    ]);

    const small = join(top, "small");
    mkdirSync(small);
    bash('mount -t tmpfs -o size=400m none "$1"', small);
    try {
      const child = slowly("0.5", client, "--scratch", join(small, "scratch"));
      const ended = new Promise((over) => child.on("close", over));
      await until(() => existsSync(join(small, "scratch/running")));
      bash('head -c 1G /dev/zero >"$1/ballast" || true', small);
      expect(await ended).toBe(2);
      const full = await extract(client, "--scratch", join(small, "scratch"));
      expect([full.code, full.stderr]).toEqual([
        2,
        expect.stringMatching(/^the disk of .*\/small\/scratch is full\n {2}make room/m),
      ]);
      expect([await sums(), await world()]).toEqual([live, pid]);
      rmSync(join(small, "ballast"));
      expectOk(await extract(client, "--scratch", join(small, "scratch")));
      expect(readdirSync(small)).toEqual([]);
    } finally {
      bash('umount "$1"', small);
    }
  }, 400_000);

  it("is made on the host as well, of a client in somebody's home, cut off and gone on with", async () => {
    const there = "/home/op/World of Warcraft";
    await machine.sure(
      `mkdir -m 0700 /home/op && base64 -d | tar -x -C /home/op && mv '/home/op/${client.split("/").at(-1)}' '${there}' && rm -rf ${ROOT}/data/*`,
      execFileSync("tar", ["-C", top, "-c", client.split("/").at(-1) as string]).toString("base64"),
    );
    const slow = "/etc/standin-slow-tools";
    await machine.sure(`echo 1 >${slow}`);
    expectOk(await extract(there, "--on-host", "--mmaps", "--detach"));
    await machine.sure(
      `timeout 60 bash -c 'until pid=$(pgrep -x vmap4extractor); do sleep 0.1; done; ps -o ni=,user= -p $pid' | grep -q '19 trinity'; systemctl kill -s KILL trinity-extract; timeout 30 bash -c 'while pgrep -x vmap4extractor; do sleep 0.1; done'`,
    );
    expect(await machine.sure(`ls ${ROOT}/data; ls ${ROOT}/data.extract/client/done; rm ${slow}`)).toBe("maps");
    // Once more it is cut off where it moves what is whole, which waits for who else works at the data.
    const work = `${ROOT}/data.extract/client`;
    await machine.sure("systemd-run -q --unit=holds flock /run/trinity-stack/locks/game-data sleep 600");
    expectOk(await extract(there, "--on-host", "--mmaps", "--detach"));
    await machine.sure(
      `timeout 60 bash -c 'until [[ -f ${work}/done/mmaps ]] && ! pgrep -x mmaps_generator; do sleep 0.1; done; sleep 1'; systemctl kill -s KILL trinity-extract; systemctl stop holds
       mkdir ${ROOT}/data.incoming && printf 'dbc maps vmaps' >${ROOT}/data.incoming/made-here && mv ${work}/dbc ${ROOT}/data.incoming/`,
    );
    const said = expectOk(await extract(there, "--on-host", "--mmaps"));
    expect(said).toMatch(/^mmaps \(mmaps_generator\): \d+ files, /m);
    expect(said).toContain("it is in its place");
    expect(await machine.sure(`ls ${ROOT} | grep '^data'; find ${ROOT}/data ! -user trinity; ls ${ROOT}/data`)).toBe(
      "data\ndata.manifest\nCameras\ndbc\nmaps\nmmaps\nvmaps",
    );
    expect(expectOk(await stack.realm(["data", "check", ...stack.where]))).toMatch(/^\d+ files are what was sent$/m);
    const { code, stderr } = await extract("/home/nobody", "--on-host");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^\/home\/nobody is no folder on this host$/m)]);
  }, 400_000);

  it("has mmaps that follow, made on the host in the background, which end in its place", async () => {
    const mmaps = (...words: string[]) => stack.realm(["data", "mmaps", ...words, ...stack.where]);
    await machine.sure(`rm -r ${ROOT}/data/mmaps; echo 0.5 >/etc/standin-slow-tools`);
    expectOk(await mmaps("--detach"));
    const running = "until pid=$(pgrep -x mmaps_generator); do sleep 0.1; done; ps -o ni=,user= -p $pid";
    expect(await machine.sure(`timeout 30 bash -c '${running}'`)).toMatch(/^19 trinity/);
    expect(expectOk(await mmaps())).toMatch(/joining what the host makes already\n(.*\n)*mmaps \(mmaps_generator\): /);
    expect(await machine.sure(`find ${ROOT}/data/mmaps -name '*.mmtile' -size +500c | wc -l`)).toBe("8");
    expect(expectOk(await stack.realm(["data", "check", ...stack.where]))).toMatch(/^\d+ files are what was sent$/m);
  }, 200_000);
});
