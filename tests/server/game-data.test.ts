import { serverServicePlan } from "../../components/servers/service";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";
import { furnish, root, settings } from "./stand-in";

lab.describe("game data behind links", () => {
  const world = serverServicePlan(onLab(settings), facts(), "worldserver").args;
  let machine: Machine;
  const look = () => machine.observe("worldserver", "service", world);
  const put = () => machine.apply("worldserver", "service", world);

  beforeAll(() => {
    machine = onMachine("t-data");
    furnish(machine);
    machine.sh(`cd ${root}/data && mkdir dbc maps vmaps && touch {dbc,maps,vmaps}/x`);
    machine.apply("worldserver", "service", world);
  }, 300_000);
  afterAll(() => machine?.stop());

  const maps = `${root}/data/maps`;
  const stopWorld =
    "systemctl stop worldserver; systemctl reset-failed worldserver 2>/dev/null; rm -f /run/trinity-stack/worldserver.data";
  const whole = `rm -rf ${maps}; mkdir ${maps} && touch ${maps}/x`;
  const mounted = (from: string) =>
    `mount it there instead: rm ${maps} && mkdir ${maps} && mount --bind ${from} ${maps}, and for the next boot a line in /etc/fstab: ${from} ${maps} none bind 0 0`;

  it.each([
    ["/srv/wow/maps", "another disk"],
    [`${root}/data/other`, "within the realm"],
  ])("takes game data behind a link to %s (%s)", (place) => {
    machine.sh(`${stopWorld}; rm -rf ${maps}; mkdir -p ${place} && touch ${place}/x && ln -s ${place} ${maps}`);
    expect(look()).toEqual(["worldserver is not running"]);
    expect(put().code).toBe(0);
    expect(look()).toEqual([]);
    // So the sandbox has it indeed.
    machine.sh(`ls /proc/$(systemctl show -P MainPID worldserver)/root${place}/x`);
    machine.sh(`${stopWorld}; rm -r ${place}; ${whole}`);
  });

  const waits = (place: string) =>
    `! the worldserver waits for its game data: ${maps} leads to ${place}, which its sandbox hides; ${mounted(place)}; then run \`pulumi up\``;

  it.each(["/root/maps", "/tmp/maps", "/var/tmp/maps"])("sees a link to %s, which the sandbox hides", (place) => {
    machine.sh(`${stopWorld}; rm -rf ${maps}; mkdir -p ${place} && touch ${place}/x && ln -s ${place} ${maps}`);
    expect(look()).toEqual([waits(place)]);
    machine.sh(`rm -r ${place}; ${whole}`);
  });

  it("asks the unit, which the operator may have changed", () => {
    const place = "/home/me/maps";
    const dropIn = "/etc/systemd/system/worldserver.service.d";
    machine.sh(
      `${stopWorld}; rm -rf ${maps}; mkdir -p ${place} ${dropIn} && touch ${place}/x && ln -s ${place} ${maps}; printf '[Service]\\nProtectHome=tmpfs\\nBindReadOnlyPaths=/home/me\\n' >${dropIn}/a.conf; systemctl daemon-reload`,
    );
    expect(look()).toEqual(["worldserver is not running"]);
    expect(put().code).toBe(0);
    machine.sh(`ls /proc/$(systemctl show -P MainPID worldserver)/root${place}/x`);
    machine.sh(`${stopWorld}; rm -r ${place} ${dropIn}; systemctl daemon-reload; ${whole}`);
  });

  it("says what the sandbox hides before a start and while it runs, and what to do, which does it", () => {
    const place = "/home/me/maps";
    machine.sh(`${stopWorld}; rm -rf ${maps}; mkdir -p ${place} && touch ${place}/x && ln -s ${place} ${maps}`);
    const why = `${maps} leads to ${place}, which its sandbox hides; ${mounted(place)}`;
    expect(look()).toEqual([waits(place)]);
    expect(put()).toMatchObject({ code: 0, err: "" });
    expect(machine.sh("systemctl is-active worldserver || true")).toBe("inactive");

    machine.sh(`${whole} && systemctl start worldserver && rm -r ${maps} && ln -s ${place} ${maps}`);
    expect(look().filter((line) => !line.includes("lacks"))).toContain(
      `! the worldserver would not start again: ${why}`,
    );
    // It is not stopped for what it could not come back from.
    machine.sh("echo well, other >>/var/lib/trinity/Projects/trinity-335/etc/worldserver.conf.d/stack.conf");
    expect(put().err).toBe(`error: the worldserver was not restarted, as it would not start again: ${why}\n`);
    expect(machine.sh("systemctl is-active worldserver")).toBe("active");

    // The remedy, as it is told.
    machine.sh(`${stopWorld}; chmod 755 ${place}; rm ${maps} && mkdir ${maps} && mount --bind ${place} ${maps}`);
    expect(put().code).toBe(0);
    expect(look()).toEqual([]);
    machine.sh(`${stopWorld}; umount ${maps}; rm -r ${place}; ${whole}`);
  });

  it("looks at links to single files, at links to nothing, and at what the service user may read", () => {
    machine.sh(`${stopWorld}; mkdir -p /home/me/maps && touch /home/me/maps/y && ln -s /home/me/maps/y ${maps}/y`);
    expect(look()).toEqual([
      `! the worldserver waits for its game data: ${maps}/y leads to /home/me/maps/y, which its sandbox hides; mount it there instead: mount --bind /home/me/maps ${maps}, and for the next boot a line in /etc/fstab: /home/me/maps ${maps} none bind 0 0; then run \`pulumi up\``,
    ]);
    machine.sh(`rm ${maps}/y; ln -s /nowhere ${root}/data/mmaps`);
    expect(look()).toEqual([
      `! the worldserver waits for its game data: ${root}/data/mmaps is a link to /nowhere, which is not there; then run \`pulumi up\``,
    ]);
    machine.sh(`rm ${root}/data/mmaps; chown root ${maps}/x; chmod 600 ${maps}/x`);
    expect(look()).toEqual([
      `! the worldserver waits for its game data: trinity may not read the game data (${maps}/x): chown -R trinity ${root}/data; then run \`pulumi up\``,
    ]);
    machine.sh(`chmod 644 ${maps}/x; chmod 700 ${maps}; chown root ${maps}`);
    expect(look()).toEqual([expect.stringContaining(`trinity may not read the game data (${maps}`)]);
    machine.sh(`${whole}`);
    expect(put().code).toBe(0);
  });
});
