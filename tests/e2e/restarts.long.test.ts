/** What else `trinitycore:restarts` has wait, and waits for. */
import { logsIn, names, passwordOf, pidOf, reaches } from "./outside";
import { describeOnLab } from "./realm-lab";
import { RestartsLab } from "./restarts-lab";

describeOnLab("restarts", () => {
  const lab = new RestartsLab("restarts-l");

  it("window: a changed password waits as well, and the old one is taken until then", async () => {
    const { machine, stack, pids, up } = lab;
    const opens = await lab.windowFarOff();
    await up();
    const before = await pids();
    const old = await passwordOf(machine, "authserver", "TC_LOGIN_DATABASE_INFO");
    const letsIn = (...passwords: string[]) =>
      Promise.all(passwords.map((password) => logsIn(machine, "authserver", password)));
    const change = (secret: string) => stack.set({ "trinitycore:login.database.password": { secret } });
    const file = (server: string) => `${server} runs with an older /etc/trinity-stack/${server}.env: restart needed`;

    await change("An0ther-password");
    expect((await stack.preview()).stdout).toMatch(
      new RegExp(`this restarts the authserver: .*; in the window \\(\\*-\\*-\\* ${opens}:00, 120 minutes\\)`),
    );
    const { preview } = await up();
    for (const server of ["authserver", "worldserver"])
      expect(preview).toMatch(
        new RegExp(`${file(server)}; players stay on until the window opens \\(.* ${opens} UTC\\)`),
      );
    expect(await pids()).toEqual(before);
    expect(await letsIn(old, "An0ther-password")).toEqual([true, true]);

    // Whatever else is changed meanwhile.
    await change("The-newest-passw0rd");
    await up();
    expect(await pids()).toEqual(before);
    expect(await letsIn(old, "The-newest-passw0rd")).toEqual([true, true]);

    await machine.sure("systemctl start trinity-restarts");
    const after = await pids();
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
    for (const port of [3724, 8085]) expect(await reaches(machine.address, port)).toBe(true);
    expect(await letsIn(old, "An0ther-password", "The-newest-passw0rd")).toEqual([false, false, true]);
    expect(names(await stack.planned())).toEqual([]);
    expect((await stack.preview()).stdout).not.toContain("window opens");

    // What MariaDB takes no more is of no use until then.
    await change("One-m0re");
    await up();
    expect(await pids()).toEqual(after);
    await machine.sure("mariadb -e \"ALTER USER authserver@localhost IDENTIFIED BY 'somebody-elses'\"");
    await up();
    expect((await pids()).filter((pid) => after.includes(pid))).toEqual([]);
    expect(await letsIn("One-m0re", "The-newest-passw0rd")).toEqual([true, false]);
  }, 600_000);

  it("announce: a worldserver that takes long to stop is waited for", async () => {
    const { machine, stack, pids, up } = lab;
    await stack.set({ "trinitycore:restarts": "announce", "trinitycore:announce.seconds": 5 });
    const slow = (minutes: number) => lab.settings({ MaxPingTime: minutes, "Standin.StopSeconds": 18 });
    await slow(31);
    await up();
    await machine.sure(
      "mariadb characters -e \"INSERT INTO characters (guid, account, name, online) VALUES (1, 1, 'Arthas', 1)\"",
    );
    const [, world] = await pids();
    await slow(32);
    const { output } = await up();
    expect(output).toContain("1 player told: the worldserver stops in 5 s");
    expect(output).toContain("the worldserver is saving what is in the world (0 min)");
    expect(await pidOf(machine, "worldserver")).not.toBe(world);
    expect(await reaches(machine.address, 8085)).toBe(true);
  }, 300_000);
});
