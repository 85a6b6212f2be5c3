import type { Machine } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import { sql } from "./breakage";
import { names, reaches, realmFromOutside } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("pulumi's other verbs", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    realm = await convergedRealm("verbs");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const pids = () => machine.sure("systemctl show -P MainPID authserver worldserver mariadb | xargs");
  const look = () => realmFromOutside(machine);
  const urns = async (...ends: string[]) => {
    const { resources = [] } = (await stack.exported()).deployment;
    return ends.map((end) => resources.find(({ urn }) => urn.endsWith(end))?.urn as string);
  };
  const targets = async (...ends: string[]) => (await urns(...ends)).map((urn) => `--target=${urn}`);
  /** Whether the host swallows all that comes from here. */
  const silence = (word: "add" | "del") =>
    machine.sure(`ip route ${word} blackhole ${machine.address.replace(/2$/, "1")}`);
  const expectNothingPlanned = async () => expect(names(await stack.planned())).toEqual([]);

  describe("refresh", () => {
    it("finds nothing, with the program and its way to the databases", async () => {
      const before = await look();
      expect(expectOk(await stack.refresh(["--run-program"]))).toMatch(/^ {4}\d+ unchanged$/m);
      expect(names(await stack.planned(["--refresh", "--run-program"]))).toEqual([]);
      expectOk(await stack.up(["--refresh", "--run-program"]));
      expect(await look()).toEqual(before);
      await expectNothingPlanned();
    }, 120_000);

    it("without the program ends with what to do, and changes nothing", async () => {
      const impatient = new Stack({ work: stack.work, env: { TRINITY_LAB_MYSQL_PATIENCE: "1" } });
      for (const { code, stdout } of [await impatient.refresh(), await impatient.preview(["--refresh"])]) {
        expect(code).not.toBe(0);
        expect(stdout).toMatch(/Could not connect to server: .*\/needs--run-program-/);
      }
      await expectNothingPlanned();
    }, 120_000);

    it("ends in seconds when the host cannot be reached", async () => {
      await silence("add");
      const since = Date.now();
      const runs = [await stack.refresh(["--run-program"]), await stack.preview(["--refresh", "--run-program"])];
      const took = Date.now() - since;
      await silence("del");
      for (const { code, stdout } of runs) {
        expect(code).not.toBe(0);
        expect(stdout).toContain("(no answer in 10 s); look at trinitycore:host.address");
      }
      expect(took).toBeLessThan(45_000);
      await expectNothingPlanned();
    }, 120_000);
  });

  it("destroy gives up a host that swallows all packets after a minute, and has changed nothing", async () => {
    const before = await look();
    await silence("add");
    const since = Date.now();
    const { code, stdout } = await stack.destroy();
    const took = Date.now() - since;
    await silence("del");
    expect(code).not.toBe(0);
    expect(stdout).toContain("after 10 failed attempts");
    expect(took).toBeLessThan(90_000);
    expect(await look()).toEqual(before);
    await expectNothingPlanned();
  }, 200_000);

  it("up --target repairs that step alone", async () => {
    await machine.sure(
      `${sql("UPDATE authserver.realmlist SET name = 'X'")} && firewall-cmd -q --remove-port=8085/tcp`,
    );
    const before = await pids();
    expectOk(await stack.up(await targets("Command::realm-row")));
    expect(await machine.sure(sql("SELECT name FROM authserver.realmlist"))).toBe("RoE (WotLK)");
    expect(await machine.sure("firewall-cmd --list-ports")).toBe("3724/tcp");
    expect(names(await stack.planned())).toEqual(["realm-firewall"]);
    expectOk(await stack.up());
    expect(await pids()).toBe(before);
    await expectNothingPlanned();
  }, 120_000);

  it("destroy --target takes that step alone away, and `up` brings it back", async () => {
    const [authserver, world, mariadb] = (await pids()).split(" ");
    // The step of the way in comes after the firewall: the engine leaves nothing behind that stands on what goes.
    const ends = ["Command::realm-worldserver", "Command::realm-firewall", "Command::realm-way-in"];
    expectOk(await stack.destroy(await targets(...ends)));
    expect(
      await machine.sure("systemctl is-active authserver worldserver; systemctl is-enabled worldserver; true"),
    ).toBe("active\ninactive\ndisabled");
    expect(await machine.sure("firewall-cmd --list-ports")).toBe("");
    expectOk(await stack.up());
    expect((await pids()).split(" ")).toEqual([authserver, expect.not.stringMatching(`^(0|${world})$`), mariadb]);
    expect(await reaches(machine.address, 8085)).toBe(true);
    await expectNothingPlanned();
  }, 120_000);

  it("what the state forgot comes back in sync: no restart, the same passwords, the same data", async () => {
    const before = await look();
    // Each with all that was made after it.
    for (const end of [
      "Database::realm-databases-world",
      "RandomPassword::realm-passwords-world",
      "Command::realm-firewall",
    ]) {
      const [urn = ""] = await urns(end);
      await stack.must(["state", "delete", "--stack", stack.name, "--yes", "--target-dependents", urn]);
    }
    expect(names(await stack.planned()).length).toBeGreaterThan(8);
    expectOk(await stack.up());
    expect(await look()).toEqual(before);
    await expectNothingPlanned();
  }, 120_000);
});
