/** `npm run realm`: what an operator does with a realm that runs. */
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { ROOT, sql } from "./breakage";
import { announcerPassword, pidOf, reaches, watchProcesses } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, type RealmLab } from "./realm-lab";

const LOGS = `${ROOT}/logs`;
const DATA = `${ROOT}/data`;

describeOnLab("a realm that runs", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  beforeAll(async () => {
    realm = await convergedRealm("operating");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const verb = (name: string, args: string[] = [], stdin = "") => stack.realm([name, ...stack.where, ...args], stdin);
  const enters = () =>
    machine.sure(sql("REPLACE INTO characters.characters (guid, account, name, online) VALUES (1, 1, 'Arthas', 1)"));
  const leaves = () => machine.sure(sql("UPDATE characters.characters SET online = 0"));

  it("says how it is", async () => {
    await enters();
    const told = await verb("status");
    await leaves();
    expect(told).toMatchObject({ code: 0, stderr: "" });
    const number = "\\d+(\\.\\d)?";
    for (const line of [
      "realm +RoE \\(WotLK\\): healthy \\(set realmlist wow\\.lab\\.test\\)",
      "release +[0-9a-f]{12}-[0-9a-f]{8}, live since .+ ago",
      "authserver +active, for .+",
      `worldserver +active, for .+, ${number} MB of memory`,
      "answers +yes, in \\d+ ms",
      "players +1 in the world \\(at most \\d+ since it started\\)",
      `disk +${number} GB of ${number} GB free`,
      `memory +${number} (GB|MB) of ${number} GB free`,
    ])
      expect(told.stdout).toMatch(new RegExp(`^${line}$`, "m"));

    const { servers, players, answers } = JSON.parse((await verb("status", ["--json"])).stdout);
    expect(servers).toMatchObject([
      { unit: "authserver.service", state: "active" },
      { unit: "worldserver.service", state: "active" },
    ]);
    expect([players, answers.end]).toEqual([0, "done"]);
  }, 120_000);

  it("does what it is told, and nothing of the way there is to be seen", async () => {
    const watch = await watchProcesses(machine);
    const password = await announcerPassword(machine);
    const info = await verb("console", ["server", "info"]);
    expect(info).toMatchObject({ code: 0, stderr: "" });
    expect(info.stdout).toMatch(/^TrinityCore rev\. .*\n.*[^\n]\n$/s);

    const refused = await verb("console", ["no-such-thing <&> 'x'"]);
    expect([refused.code, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(/^Command 'no-such-thing' does not exist\n$/);

    const text = "Brb <5 min> & tea, 'all' of \"you\" – ж";
    expect(await verb("announce", [text])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await machine.sure(`grep -F -c ${`"announce ${text.replaceAll('"', '\\"')}"`} ${LOGS}/GM.log`)).toBe("1");

    const many = await verb("console", ["--json"], "server info\n\nnonsense\nsaveall\n");
    const answers = many.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { end: string });
    expect([many.code, answers.map(({ end }) => end)]).toEqual([1, ["done", "refused", "done"]]);

    expect(await watch.end()).not.toContain(password);
    for (const { stdout, stderr } of [info, refused, many]) expect(stdout + stderr).not.toContain(password);
    expect(await machine.sure("ls -d /run/trinity-stack.* 2>/dev/null || echo none")).toBe("none");
  }, 120_000);

  it("has a console on a terminal", async () => {
    const before = await pidOf(machine, "worldserver");
    const typed = "server infox\u007f\rnonsense\r\u001b[A\u001b[A\rquit\r";
    const { code, screen } = await stack.typed(["console", ...stack.where], ["TC> ", typed]);
    expect(code).toBe(0);
    // Once as it was typed and mended, once from the history.
    expect(screen.match(/TrinityCore rev\. /g)).toHaveLength(2);
    expect(screen).toContain("Command 'nonsense' does not exist");
    expect(await pidOf(machine, "worldserver")).toBe(before);
  }, 120_000);

  it.each([
    [
      "no longer knows the stack's account",
      "UPDATE authserver.account SET verifier = REVERSE(verifier)",
      "UPDATE authserver.account SET verifier = REVERSE(verifier)",
      "the worldserver does not know the stack's own account, or its password: `pulumi up` puts that right\n",
    ],
    [
      "takes the stack's account for a player's",
      "UPDATE authserver.account_access SET SecurityLevel = 1",
      "UPDATE authserver.account_access SET SecurityLevel = 3",
      "the worldserver does not take the stack's own account for an administrator: `pulumi up` puts that right\n",
    ],
  ])(
    "says so when it %s",
    async (_, breaks, mends, sentence) => {
      await machine.sure(sql(breaks));
      const asked = await verb("console", ["server info"]);
      const status = await verb("status");
      await machine.sure(sql(mends));
      expect(asked).toMatchObject({ code: 2, stdout: "", stderr: sentence });
      expect([status.code, status.stdout]).toEqual([1, expect.stringContaining(`answers      no: ${sentence}`)]);
    },
    120_000,
  );

  it("says so when it has hung", async () => {
    const pid = await pidOf(machine, "worldserver");
    await machine.sure(`kill -STOP ${pid}`);
    const asked = await verb("console", ["--timeout", "2", "server info"]);
    await machine.sure(`kill -CONT ${pid}`);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/^the worldserver has not answered for 2 s\. It takes one command at a time/);
  }, 120_000);

  it("says what it said, and goes on saying it", async () => {
    const { code, stdout } = await verb("logs", ["worldserver", "-n", "50"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d worldserver: .*Bound to http|^\d{4}-.* worldserver: /m);
    expect(stdout).not.toMatch(/ authserver: /);
    const json = (await verb("logs", ["authserver", "--json", "-n", "1"])).stdout;
    expect(JSON.parse(json)).toMatchObject({ unit: "authserver" });

    const follows = "pgrep -f '^journalctl.*--follow'";
    const followed = stack.startRealm(["logs", "-f", "-n", "0", ...stack.where]);
    let heard = "";
    followed.child.stdout?.on("data", (text: string) => {
      heard += text;
    });
    await machine.sure(`until ${follows}; do sleep 0.1; done`);
    await verb("restart", ["authserver", "--now"]);
    for (let tries = 0; tries < 50 && !/ authserver: /.test(heard); tries++)
      await new Promise((r) => setTimeout(r, 100));
    expect(heard).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d authserver: /m);
    followed.child.kill("SIGINT");
    expect((await followed.done).code).toBe(0);
    expect(await machine.sure(`sleep 1; ${follows} || echo none`)).toBe("none");
  }, 120_000);

  it("is restarted, players told before; stopped, and started", async () => {
    const before = [await pidOf(machine, "authserver"), await pidOf(machine, "worldserver")];
    await enters();
    const told = await verb("restart", ["--in", "5", "worldserver"]);
    await leaves();
    expect(told).toMatchObject({ code: 0, stderr: "" });
    expect(told.stdout).toContain("1 player told: the worldserver stops in 5 s\n");
    expect(told.stdout).toMatch(/\nworldserver runs\n$/);
    expect(await pidOf(machine, "authserver")).toBe(before[0]);
    expect(await pidOf(machine, "worldserver")).not.toBe(before[1]);
    expect(await reaches(machine.address, 8085)).toBe(true);

    const stopped = await verb("stop");
    expect(stopped).toMatchObject({ code: 0, stdout: "worldserver is stopped\nauthserver is stopped\n", stderr: "" });
    expect(await verb("stop")).toMatchObject({
      code: 0,
      stdout: "worldserver is stopped already\nauthserver is stopped already\n",
    });
    const asked = await verb("announce", ["to nobody"]);
    expect([asked.code, asked.stderr]).toEqual([
      2,
      "the worldserver does not run (worldserver.service is inactive): npm run realm -- start\n",
    ]);
    expect(await verb("status")).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("answers      no: it does not run\n"),
    });

    // systemd passes over a unit whose condition fails, and says nothing of it.
    await machine.sure(`mv ${DATA}/dbc ${DATA}/kept`);
    const waiting = await verb("start", ["worldserver"]);
    await machine.sure(`mv ${DATA}/kept ${DATA}/dbc`);
    expect([waiting.code, waiting.stderr]).toEqual([
      2,
      `the worldserver waits for game data in ${DATA} (empty: dbc)\n`,
    ]);

    expect(await verb("start")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/authserver runs\n(.*\n)*worldserver runs\n$/),
    });
    for (const port of [3724, 8085]) expect(await reaches(machine.address, port)).toBe(true);
    expect((await stack.preview(["--expect-no-changes"])).code).toBe(0);
  }, 240_000);

  it("is left alone by a stack that does not have it", async () => {
    await machine.sure("printf other/one >/var/lib/trinity-stack/owner");
    const { code, stderr } = await verb("stop");
    await machine.sure("printf trinitycore/lab >/var/lib/trinity-stack/owner");
    expect([code, stderr]).toEqual([
      2,
      "this host belongs to the stack other/one, not to trinitycore/lab\n" +
        "  choose that one with --stack, or take it over: pulumi config set --path trinitycore:host.takeover true\n",
    ]);
    expect(await machine.sure("systemctl is-active worldserver")).toBe("active");
  }, 60_000);

  it("is reached through sudo as well, and where that is not allowed it is said", async () => {
    await machine.sure(`useradd -m -s /bin/bash ops && install -d -o ops -g ops -m 700 /home/ops/.ssh
      install -o ops -g ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
      echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops`);
    await stack.set({ "trinitycore:host.ssh.user": "ops" });
    expect((await verb("status")).code).toBe(0);
    expect(await verb("console", ["saveall"])).toMatchObject({ code: 0, stderr: "" });
    await machine.sure("rm /etc/sudoers.d/ops");
    const { code, stderr } = await verb("status");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^ops may not use sudo without a password on this host/)]);
  }, 120_000);
});
