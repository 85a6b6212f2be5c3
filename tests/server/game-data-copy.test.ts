import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argumentsOf } from "../../actions/action";
import { inWords } from "../../actions/game-data/findings";
import { readHostFolder } from "../../actions/game-data/host-folder";
import { gameDataAction } from "../../actions/game-data/on-host";
import { userPlan } from "../../components/host/user";
import { onLab } from "./facts-of";
import { place, SCRIPT } from "./game-data-place";
import { lab, type Machine, onMachine } from "./on-machine";
import { settings } from "./stand-in";

const { data, incoming } = place;
const FROM = "/home/op/game data";

lab.describe("game data that is on the host already", () => {
  let machine: Machine;
  const made = mkdtempSync(join(tmpdir(), "data-"));
  const call = (action: "list" | "copy" | "finish", ...more: string[]) =>
    machine.exec(`bash ${SCRIPT} ${argumentsOf(gameDataAction(action, place, ...more))}`);
  const sums = (folder: string) =>
    machine.sh(`cd '${folder}' && find -L . -type f -print0 | sort -z | xargs -0 sha256sum`);
  const read = () => readHostFolder(FROM, call("list", FROM).out);

  beforeAll(() => {
    machine = onMachine("t-copy", "baked");
    expect(machine.apply("user", "user", userPlan(onLab(settings)).args).code).toBe(0);
    execFileSync("tests/lab/core/make-data.sh", [made]);
    const tar = execFileSync("tar", ["-C", made, "-c", "."]);
    machine.sh(`useradd -m op && mkdir '${FROM}' && tar -C '${FROM}' -x && chmod 700 /home/op`, { stdin: tar });
    // A name of several lines, an empty file, and a disk of its own for one folder.
    machine.sh(
      `cd '${FROM}' && : >maps/0000000.map.part && mkdir /srv/vmaps && mv vmaps/* /srv/vmaps/ && rmdir vmaps && ln -s /srv/vmaps vmaps && chown -R op: . /srv/vmaps && chmod -R go-w . /srv/vmaps`,
    );
  }, 300_000);
  afterAll(() => {
    machine?.stop();
    rmSync(made, { recursive: true });
  });

  it("is listed with what its files begin with, whoever owns it, and copied whole", () => {
    const found = read();
    expect(inWords(found)).toBe("dbc, maps 10, vmaps 4.8, mmaps 15, Cameras");
    expect(found.files).toHaveLength(Number(machine.sh(`find -L '${FROM}' -type f | wc -l`)));
    expect(call("copy", FROM, ...found.folders)).toMatchObject({ code: 0 });
    expect(sums(incoming)).toBe(sums(FROM));
    expect(machine.sh(`find ${incoming}/* ! -user trinity -o ! -type d ! -type f -o -perm /022`)).toBe("");
    const counts = [found.files.length, found.bytes].map(String);
    expect(call("finish", ...counts, ...found.folders)).toMatchObject({ code: 0 });
    expect(sums(data)).toBe(sums(FROM));
    expect(machine.sh(`stat -c %U '${FROM}/maps'`)).toBe("op");
  });

  it("is copied anew where a copy was cut off", () => {
    machine.sh(`mkdir -p ${incoming}/maps && echo half >${incoming}/maps/other.map`);
    expect(call("copy", FROM, "dbc", "maps")).toMatchObject({ code: 0 });
    expect(machine.sh(`ls ${incoming}`)).toBe("dbc\nmaps");
    expect(sums(`${incoming}/maps`)).toBe(sums(`${FROM}/maps`));
  });

  it("is checked as a folder on the operator's machine is", () => {
    machine.sh(`cd '${FROM}' && cp -p mmaps/0004331.mmtile /srv/tile && truncate -s -1 mmaps/0004331.mmtile`);
    expect(read).toThrow(`${FROM} is not sent as game data:\n  not finished: mmaps/0004331.mmtile; delete them`);
    machine.sh(`mv /srv/tile '${FROM}/mmaps/0004331.mmtile'`);
    machine.sh("mkdir -p /srv/client/Data");
    expect(() => readHostFolder("/srv/client", call("list", "/srv/client").out)).toThrow("is a game client");
  });

  it.each([
    ["no folder", "/srv/none", "true", "/srv/none is no folder on this host; name it with its whole path"],
    ["a path that begins elsewhere", "srv", "true", "srv is no folder on this host; name it with its whole path"],
    [
      "a folder that others can change",
      FROM,
      `chmod 777 '${FROM}/dbc'`,
      `${FROM} can be changed by others than op: dbc (op, mode 777)`,
    ],
    [
      "a folder of root's with another user's file in it",
      FROM,
      `chown -R root: '${FROM}'; chmod 755 '${FROM}/dbc'; chown op '${FROM}/dbc/Map.dbc'`,
      `${FROM} can be changed by others than root: dbc/Map.dbc (op, mode 644)`,
    ],
  ])("is refused: %s", (_, from, first, error) => {
    machine.sh(first);
    for (const action of ["list", "copy"] as const) {
      const { code, err } = call(action, from, "dbc");
      expect([code, err.split("\n")[0]]).toEqual([1, `error: ${error}`]);
    }
    machine.sh(`chown -R op: '${FROM}' && chmod -R go-w '${FROM}'`);
  });

  it("is copied with no more rights than its owner has: links to what only root reads lead nowhere", () => {
    machine.sh(`ln -s /etc/shadow '${FROM}/dbc/Secret.dbc' && chown -h op: '${FROM}/dbc/Secret.dbc'`);
    const { code, err } = call("copy", FROM, "dbc");
    expect([code, err]).toEqual([1, expect.stringContaining(`error: ${FROM}/dbc could not be copied`)]);
    expect(machine.sh(`cat ${incoming}/dbc/Secret.dbc 2>&1 || true`)).toContain("No such file");
    machine.sh(`rm '${FROM}/dbc/Secret.dbc'`);
  });
});
