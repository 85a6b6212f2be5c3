/** `trinitycore:restarts`: what a change does to those who are playing. */
import { announcerPassword, commitToCore, names, pidOf, reaches, watchProcesses } from "./outside";
import { describeOnLab } from "./realm-lab";
import { RestartsLab } from "./restarts-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";
const LOGIN = "/etc/trinity-stack/announcer";

describeOnLab("restarts", () => {
  const lab = new RestartsLab("restarts");

  /** A change that the worldserver sees only when it starts. */
  const another = (minutes: number) => lab.settings({ MaxPingTime: minutes });

  it("window: a running realm is left alone until it opens, then all that waited is done", async () => {
    const { machine, stack, pids, up } = lab;
    const opens = await lab.windowFarOff();
    const before = await pids();
    const live = await machine.sure(`readlink ${ROOT}/run`);
    const tip = await commitToCore(
      machine,
      "echo 'UPDATE version SET cache_id = 777;' >sql/updates/world/2099_01_01_00_world.sql",
    );
    await stack.set({ "trinitycore:core.source.commit": tip });
    await another(31);

    const { preview } = await up();
    expect(await pids()).toEqual(before);
    expect(await machine.sure(`readlink ${ROOT}/run`)).toBe(live);
    expect(await machine.sure(`cat ${ROOT}/etc/worldserver.conf.d/stack.conf`)).toContain("MaxPingTime = 31");
    const until = `; players stay on until the window opens \\([A-Z][a-z]{2} [\\d-]{10} ${opens} UTC\\)`;
    for (const waits of [
      `the databases are as ${live} left them, should be as releases/${tip.slice(0, 12)}-[0-9a-f]{8} wants them`,
      `releases/${tip.slice(0, 12)}-[0-9a-f]{8} is there to go live in place of ${live}`,
      `worldserver runs with an older ${ROOT}/etc/worldserver.conf.d/stack.conf: restart needed`,
    ])
      expect(preview).toMatch(new RegExp(waits + until));
    expect(await machine.sure("systemctl show -P NextElapseUSecRealtime trinity-restarts.timer")).toContain(opens);

    // What does not run is started whatever the time.
    await machine.sure("systemctl stop authserver");
    await up();
    expect(await pidOf(machine, "worldserver")).toBe(before[1]);
    expect(await machine.sure(`readlink ${ROOT}/run`)).toBe(live);

    // What the timer starts.
    await machine.sure("systemctl start trinity-restarts");
    expect(await machine.sure(`readlink ${ROOT}/run`)).toContain(tip.slice(0, 12));
    expect(await machine.sure("mariadb -N worldserver -e 'SELECT cache_id FROM version'")).toBe("777");
    const after = await pids();
    for (const pid of after)
      expect(await machine.sure(`readlink /proc/${pid}/exe`)).toContain(`releases/${tip.slice(0, 12)}-`);
    expect(names(await stack.planned())).toEqual([]);
    expect((await stack.preview()).stdout).not.toContain("window opens");
    // Nothing waits any more.
    await machine.sure("systemctl start trinity-restarts");
    expect(await pids()).toEqual(after);
    // What the timer did is what the outputs tell, though nothing is planned for it.
    await up();
    expect((await stack.outputs()).release).toContain(tip.slice(0, 12));
  }, 600_000);

  it("announce: those in the world are told by the worldserver itself, and nobody waits for an empty one", async () => {
    const { machine, stack, pids, up } = lab;
    await stack.set({ "trinitycore:restarts": "announce", "trinitycore:announce.seconds": 6 });
    const watch = await watchProcesses(machine);
    const join = "INSERT INTO characters (guid, account, name, online) VALUES (1, 1, 'Arthas', 0)";
    await machine.sure(`mariadb characters -e "${join}"`);
    await up();
    expect(await machine.sure(`stat -c '%a %U' ${LOGIN}`)).toBe("600 root");
    const password = await announcerPassword(machine);
    expect(password).toMatch(/^[A-Za-z0-9]{16}$/);
    // From the host itself alone.
    expect(await machine.sure("ss -Hltn 'sport = :7878' | awk '{ print $4 }'")).toBe("127.0.0.1:7878");

    // Nobody hears of this.
    await another(31);
    expect((await up()).output).not.toContain("told:");

    const enters = "mariadb characters -e 'UPDATE characters SET online = 1'";
    await machine.sure(enters);
    await another(32);
    const [auth, world] = await pids();
    const { output } = await up();
    expect(output).toContain("1 player told: the worldserver stops in 6 s");
    const spoken = `zcat -f ${ROOT}/logs/Server*.log* | grep -c 'Server shutdown in 6 seconds'`;
    expect(await machine.sure(spoken)).toBe("1");
    expect(await pidOf(machine, "authserver")).toBe(auth);
    expect(await pidOf(machine, "worldserver")).not.toBe(world);

    // Cancelled in the game: who is in charge there wants it so.
    await machine.sure(enters);
    await another(33);
    const ask = (command: string) =>
      `curl -sS --fail --config ${LOGIN} -d '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n="urn:TC"><E:Body><n:executeCommand><command>${command}</command></n:executeCommand></E:Body></E:Envelope>'`;
    const running = stack.up();
    await machine.sure(
      `until zcat -f ${ROOT}/logs/Server.log | grep -q 'shutdown in 6'; do sleep 0.2; done; ${ask("server shutdown cancel")}`,
    );
    const { code, stdout, stderr } = await running;
    expect([code === 0, stdout + stderr]).toEqual([
      false,
      expect.stringContaining("the worldserver was told to stop in 6 s, and still runs: was it cancelled in the game"),
    ]);

    // The account is watched like all else.
    await machine.sure(
      "mariadb authserver -e \"UPDATE account SET verifier = REPEAT('x', 32) WHERE username = 'TRINITYSTACK'\"",
    );
    const drifted = await stack.preview();
    expect(drifted.stdout).toContain("drift: the account TRINITYSTACK has another password");
    await machine.sure("mariadb authserver -e \"DELETE FROM account WHERE username = 'TRINITYSTACK'\"");
    const lost = await stack.preview();
    expect(lost.stdout).toContain(
      "drift: there is no account TRINITYSTACK, with which the stack talks to the worldserver",
    );
    expect((await up()).output).toContain("1 player told");

    expect(await watch.end()).not.toContain(password);
    expect(JSON.stringify(await stack.exported())).not.toContain(password);
    await stack.set({ "trinitycore:restarts": "now" });
    await up();
    expect(await reaches(machine.address, 8085)).toBe(true);
  }, 600_000);
});
