import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { argumentsOf } from "../../actions/action";
import { gameDataAction } from "../../actions/game-data/on-host";
import { SILENCE } from "../../actions/game-data/transfer";
import { userPlan } from "../../components/host/user";
import { onLab } from "./facts-of";
import { place, SCRIPT } from "./game-data-place";
import { lab, type Machine, machineScript, onMachine } from "./on-machine";
import { settings } from "./stand-in";

const { data, incoming, core: CORE } = place;

lab.describe("game data that arrives as an archive", () => {
  let machine: Machine;
  const made = mkdtempSync(join(tmpdir(), "data-"));
  const within = (silence: number, sender: string, ...folders: string[]) =>
    `bash ${SCRIPT} ${argumentsOf(gameDataAction("unpack", place, sender, `${silence}`, place.group, ...folders))}`;
  const command = (...folders: string[]) => within(SILENCE, "mine", ...folders);
  const unpack = (archive: Buffer) => machine.exec(command("dbc", "maps"), { stdin: archive });
  /** Another run looks first at what is there. */
  const state = () => machine.exec(`bash ${SCRIPT} ${argumentsOf(gameDataAction("state", place))}`);
  const packed = () => execFileSync("tar", ["--create", "--directory", made, "dbc", "maps"]);
  const sums = (folder: string) => `cd '${folder}' && find dbc maps -type f | sort | xargs sha256sum`;

  beforeAll(() => {
    machine = onMachine("t-unpack", "baked");
    expect(machine.apply("user", "user", userPlan(onLab(settings)).args).code).toBe(0);
    execFileSync("tests/lab/core/make-data.sh", [made]);
    machine.sh(`mkdir -p ${data}`);
  }, 300_000);
  beforeEach(() => machine.sh(`rm -rf ${incoming}`));
  afterAll(() => {
    machine?.stop();
    rmSync(made, { recursive: true });
  });

  it("is the service user's, in a folder of root's, and what waited waits no more", () => {
    machine.sh(`mkdir ${incoming} && touch ${incoming}/waiting ${incoming}/made-here`);
    expect(unpack(packed())).toEqual({ code: 0, out: "", err: "" });
    expect(machine.exec(`flock -n /run/trinity-stack/locks/${place.lock} true`).code).toBe(0);
    expect(machine.sh(sums(incoming))).toBe(execFileSync("bash", ["-c", sums(made)], { encoding: "utf8" }).trim());
    expect(machine.sh(`ls -A ${incoming}; stat -c %U:%G:%a ${incoming} ${incoming}/maps ${incoming}/maps/*`)).toMatch(
      /^dbc\nmaps\nsender\nroot:root:755\ntrinity:trinity:755(\ntrinity:trinity:644)+$/,
    );
    expect(machine.sh(`stat -c %Y ${incoming}/maps/0004331.map`)).toBe(
      execFileSync("stat", ["-c", "%Y", join(made, "maps/0004331.map")], { encoding: "utf8" }).trim(),
    );
  });

  it("is cut off with the connection, and nobody is kept from going on", () => {
    const archive = packed();
    const { code, err } = unpack(archive.subarray(0, 1100));
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: tar: Unexpected EOF in archive\n {2}the live/)]);
    expect(unpack(archive).code).toBe(0);
  });

  it("ends at once where the disk is full, however much is still to come", async () => {
    machine.sh(`mount -t tmpfs -o size=1M none ${CORE} && mkdir ${data}`);
    try {
      // A sender that goes on for ever.
      const child = spawn(machineScript, ["exec", machine.name, "bash", "-c", command("maps")]);
      const header = execFileSync("bash", [
        "-c",
        "cd $(mktemp -d) && mkdir maps && truncate -s 100G maps/big.map && tar -c --format=gnu maps/big.map | head -c 512",
      ]);
      child.stdin.on("error", () => {}).write(header);
      const more = () => {
        while (child.stdin.writable && child.stdin.write(Buffer.alloc(1 << 16, "x")));
      };
      child.stdin.on("drain", more);
      more();
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      const code = await new Promise((done) => child.on("exit", done));
      child.stdin.destroy();
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(/^error: no space left on device \(tar: maps\/big\.map: /),
      ]);
    } finally {
      machine.sh(`umount ${CORE}`);
    }
  }, 60_000);

  describe("over a connection that becomes slow", () => {
    const begin = (silence: number, sender = "mine") => {
      const child = spawn(machineScript, ["exec", machine.name, "bash", "-c", within(silence, sender, "dbc", "maps")]);
      const ran = { child, said: "", ended: new Promise((done) => child.on("exit", done)) };
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        ran.said += text;
      });
      return ran;
    };
    const unpacks = () => machine.exec("pgrep -x tar").code === 0;

    it("waits for the rest only for a time, so that one that died silently keeps nobody away", async () => {
      const ran = begin(2);
      ran.child.stdin.write(packed().subarray(0, 2000));
      expect(await ran.ended).toBe(1);
      expect(ran.said).toBe("error: nothing came any more for 2 seconds\n  the live data was not touched\n");
      expect(unpacks()).toBe(false);
      ran.child.stdin.destroy();
      expect(unpack(packed()).code).toBe(0);
    }, 60_000);

    it("comes beside others of the same sender, and beside nobody else's", async () => {
      const part = (folder: string) => execFileSync("tar", ["--create", "--directory", made, folder]);
      const first = begin(60);
      first.child.stdin.write(part("dbc").subarray(0, 2000));
      machine.sh(`timeout 30 bash -c 'until [[ -L ${incoming}/sender ]]; do sleep 0.02; done'`);
      expect(machine.exec(command("dbc", "maps"), { stdin: part("maps") })).toMatchObject({ code: 0 });
      expect(unpacks()).toBe(true);
      const busy = /^error: another `data send` is at work on this host/;
      expect(machine.exec(within(60, "theirs", "dbc"), { stdin: part("dbc") }).err).toMatch(busy);
      expect(state().err).toMatch(busy);
      first.child.stdin.end(part("dbc").subarray(2000));
      expect([await first.ended, first.said]).toEqual([0, ""]);
      expect(machine.sh(sums(incoming))).toBe(execFileSync("bash", ["-c", sums(made)], { encoding: "utf8" }).trim());
      expect(machine.exec(within(60, "theirs", "dbc"), { stdin: part("dbc") }).err).toMatch(busy);
      expect(state().code).toBe(0);
      expect(machine.exec(within(60, "theirs", "dbc"), { stdin: part("dbc") })).toMatchObject({ code: 0, err: "" });
    }, 60_000);

    it("goes on as long as something comes", async () => {
      const ran = begin(3);
      const archive = packed();
      const [from, step] = [archive.length - 8 * 512, 512];
      ran.child.stdin.write(archive.subarray(0, from));
      for (let at = from; at < archive.length; at += step) {
        await setTimeout(1000);
        ran.child.stdin.write(archive.subarray(at, at + step));
      }
      ran.child.stdin.end();
      expect([await ran.ended, ran.said]).toEqual([0, ""]);
    }, 60_000);
  });

  it("is not made room for in somebody else's folder, to which a link leads", () => {
    machine.sh(`mkdir -p /srv/theirs && touch /srv/theirs/sender && ln -s /srv/theirs ${incoming}`);
    expect(state().code).toBe(0);
    expect(machine.sh("ls /srv/theirs")).toBe("sender");
    machine.sh(`rm ${incoming}`);
  });

  it("is refused where a folder is a link", () => {
    machine.sh(`mkdir ${incoming} /srv/maps && rm -rf ${data}/maps && ln -s /srv/maps ${data}/maps`);
    expect(unpack(packed())).toMatchObject({
      code: 1,
      err: expect.stringContaining(`${data}/maps is a link to /srv/maps`),
    });
    machine.sh(`rm ${data}/maps`);
  });
});
