import { logsPlan } from "../../components/host/logs";
import { serverUnitPlan } from "../../components/servers/unit";
import type { Plan } from "../../steps/plan";
import { load } from "../unit/settings/source";
import { prepared, root, sourceArgs, tdbArgs, tdbName } from "./built";
import { facts, onLab } from "./facts-of";
import { lab, type Machine } from "./on-machine";
import { settings } from "./stand-in";

const receipt = (step: string) => `/var/lib/trinity-stack/receipts/${step}`;
const config = {
  args: {
    ...{ server: "worldserver", root, secretsFolder: "/etc/trinity-stack", lines: ["[worldserver]", "RealmID = 1"] },
    environment: ["TC_LOGIN_DATABASE_INFO=.;/run/mysqld/mysqld.sock;auth;{auth};auth"],
  },
  secrets: { auth: "sesame" },
};
const steps: Record<string, { args: Plan["args"]; secrets?: Record<string, string> }> = {
  config,
  unit: { args: serverUnitPlan(onLab(settings), facts(), "authserver").args },
  timer: { args: logsPlan(onLab(load({}))).args },
  scripts: { args: { version: "v1", stack: "test/stack", folder: "/opt/scripts", state: "/var/lib/trinity-stack" } },
  source: { args: sourceArgs },
  tdb: { args: { ...tdbArgs, source: `/srv/tdb/${tdbName}.sql`, min_disk_mb: 0 } },
};

lab.describe("a full disk", () => {
  let machine: Machine;
  beforeAll(() => {
    machine = prepared("t-full");
    machine.sh(`install -d -m 0700 /etc/trinity-stack /var/lib/trinity-stack
      rm ${root}/work/worldserver/*; chown root: ${root}/etc ${root}/etc/*; systemctl start mariadb`);
  }, 300_000);
  afterAll(() => machine?.stop());

  const apply = (kind: string) => machine.apply(kind, kind, steps[kind]?.args, steps[kind]?.secrets);
  const look = (kind: string) => machine.observe(kind, kind, steps[kind]?.args, steps[kind]?.secrets);

  // The folder on a file system of its own with what was in it, and this many KB of room.
  const fill = (folder: string, kb: number) =>
    machine.sh(`mkdir -p ${folder} /run/was && cp -a ${folder}/. /run/was/ && mount -t tmpfs -o size=16m,mode=0755 tmpfs ${folder} &&
      chown --reference=/run/was ${folder} && cp -a /run/was/. ${folder}/ && rm -rf /run/was
      dd if=/dev/zero of=${folder}/.fill bs=1k 2>/dev/null; truncate -s -${kb}k ${folder}/.fill`);
  const makeRoom = (folder: string) => machine.sh(`rm ${folder}/.fill`);

  it.each([
    [
      "timer",
      "/var/lib/trinity-stack",
      0,
      /could not write \/var\/lib\/trinity-stack\/receipts\/timer\n {2}is the disk full\? df -h/,
    ],
    [
      "config",
      "/var/lib/trinity-stack",
      24,
      /could not write \/var\/lib\/trinity-stack\/receipts\/config\n {2}is the disk full\?/,
    ],
    [
      "config",
      "/etc/trinity-stack",
      0,
      /could not write \/etc\/trinity-stack\/worldserver\.env\n {2}is the disk full\?/,
    ],
    ["config", `${root}/etc/worldserver.conf.d`, 0, /could not write .*\/stack\.conf\n {2}is the disk full\?/],
    [
      "unit",
      "/etc/systemd/system",
      0,
      /could not write \/etc\/systemd\/system\/authserver.service\n {2}is the disk full\?/,
    ],
    ["scripts", "/opt/scripts", 100, /No space left on device/],
    ["source", root, 200, /No space left on device/],
    ["tdb", `${root}/work`, 16, /No space left on device|could not be copied/],
  ])(
    "stops the step %s in %s, and the next run finishes it",
    (kind, folder, kb, message) => {
      machine.sh(`rm -rf ${receipt(kind)} /etc/trinity-stack/* ${root}/etc/worldserver.conf.d/*`);
      // What names the world's content is in the checkout.
      if (kind === "tdb") expect(apply("source")).toMatchObject({ code: 0 });
      fill(folder, kb);
      const { code, err } = apply(kind);
      expect(err).toMatch(message);
      expect(code).not.toBe(0);
      expect(machine.exec(`test -e ${receipt(kind)}/token`).code).toBe(1);
      makeRoom(folder);
      expect(apply(kind)).toMatchObject({ code: 0 });
      expect(look(kind)).toEqual([]);
      machine.sh(`find ${folder} -name '.*.??????' | grep . && exit 1; umount -l ${folder}; rm -rf ${receipt(kind)}`);
    },
    60_000,
  );

  it("in /run lets nothing look well, and applies nothing with half its parameters", () => {
    const file = "/etc/systemd/system/authserver.service";
    machine.sh(`rm -f ${file}; mkdir -p /run/small; mount -t tmpfs -o size=64k tmpfs /run/small; cp -rL /usr/local/libexec/trinity-stack/current /run/look
      mkdir -p /run/small/requests/unit/secrets && ln -s /run/small/requests /run/look/requests
      cd /run/small/requests/unit && printf unit >kind && printf 'unit=authserver.service\\0content=x\\0' >args && printf test/stack >owner
      dd if=/dev/zero of=/run/small/.fill bs=1k 2>/dev/null; true`);
    const seen = machine.exec("bash /run/look/observe.sh");
    expect([seen.code, seen.err]).toEqual([1, expect.stringMatching(/^error: what was seen could not be kept in/m)]);
    const applied = machine.exec(
      "TRINITY_RUN_DIR=/run/small bash /usr/local/libexec/trinity-stack/current/step.sh apply unit unit aaaa1111 test/stack unit=authserver.service content=x",
    );
    expect([applied.code, applied.err]).toEqual([
      1,
      expect.stringMatching(/^error: the step's parameters could not be kept in \/run\/small\n {2}is it full\?/m),
    ]);
    expect(machine.sh(`ls ${file} /run/small/trinity-step.* 2>/dev/null || true`)).toBe("");
    machine.sh("umount /run/small");
  });
});
