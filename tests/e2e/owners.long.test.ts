import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realmConfig } from "../lab/config";
import type { Machine } from "../lab/machine";
import { CHECKOUT, Stack } from "../lab/pulumi";
import { names, realmFromOutside } from "./outside";
import { convergedRealm, describeOnLab, discard, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("what is on the server goes to another owner", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    realm = await convergedRealm("owners");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => discard(realm), 60_000);

  const look = () => realmFromOutside(machine);
  const atPeace = async (which: Stack) => expect(names(await which.planned())).toEqual([]);

  describe("a rename in the program", () => {
    const programs: string[] = [];
    afterAll(() => programs.map((folder) => rmSync(folder, { recursive: true })));
    /** The same stack with a program that calls the realm otherwise. */
    function calling(realmIs: string): Stack {
      const program = mkdtempSync(join(tmpdir(), "program-"));
      programs.push(program);
      for (const part of [
        "program",
        "settings",
        "ssh",
        "steps",
        "components",
        "server",
        "Pulumi.yaml",
        "package.json",
        "tsconfig.json",
      ]) {
        cpSync(join(CHECKOUT, part), join(program, part), { recursive: true });
      }
      symlinkSync(join(CHECKOUT, "node_modules"), join(program, "node_modules"));
      const index = readFileSync(join(CHECKOUT, "index.ts"), "utf8");
      const renamed = index.replace('new Realm("realm", { host, settings })', realmIs);
      expect(renamed).not.toBe(index);
      writeFileSync(join(program, "index.ts"), renamed);
      return new Stack({ work: stack.work, program });
    }

    it("with an alias keeps every resource", async () => {
      const before = await look();
      const aliased = calling('new Realm("home", { host, settings }, { aliases: [{ name: "realm" }] })');
      const steps = await aliased.planned();
      expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["update"]));
      const output = expectOk(await aliased.up());
      expect(output).not.toMatch(/^ *[-+]+ +\d+ (created|deleted|replaced)/m);
      expect(await look()).toEqual(before);
      await atPeace(aliased);
    }, 120_000);

    it("without one makes every resource anew, and what goes with the old ones is not what the new ones have", async () => {
      const before = await look();
      const renamed = calling('new Realm("house", { host, settings })');
      const output = expectOk(await renamed.up());
      expect(output).toMatch(/^ *\+ +\d+ created/m);
      expect(output).toMatch(/^ *- +\d+ deleted/m);
      expect(output).toContain(
        "left alone: it belongs to trinitycore/lab/trinitycore:host:Firewall/house-firewall now",
      );
      expect(await look()).toEqual(before);
      await atPeace(renamed);
      // And back, as the other tests expect it.
      expectOk(await stack.up());
      expect(await look()).toEqual(before);
    }, 240_000);
  });

  it("a renamed stack is refused until it is told to take the server over, and then restarts nothing", async () => {
    const before = await look();
    await stack.must(["stack", "rename", "moved", "--stack", "lab"]);
    const renamed = new Stack({ work: stack.work, stack: "moved" });
    cpSync(stack.configFile, renamed.configFile);
    const { code, stdout } = await renamed.up();
    expect(code).not.toBe(0);
    expect(stdout).toContain("belongs to the stack trinitycore/lab; to take it over: pulumi config set");
    await renamed.set({ "trinitycore:host.takeover": true });
    expectOk(await renamed.up());
    expect(await look()).toEqual(before);
    await renamed.unset("trinitycore:host.takeover");
    await atPeace(renamed);
    expect(await machine.sure("cat /var/lib/trinity-stack/owner")).toBe("trinitycore/moved");

    await renamed.must(["stack", "rename", "lab", "--stack", "moved"]);
    await stack.set({ "trinitycore:host.takeover": true });
    expectOk(await stack.up());
    await stack.unset("trinitycore:host.takeover");
  }, 180_000);

  it("a stack whose server another one took over is refused, and its destroy leaves the other's alone", async () => {
    const before = await look();
    const other = await new Stack({ work: `${stack.work}-other`, stack: "other" }).init();
    try {
      await other.set(realmConfig(machine));
      expect((await other.up()).stdout).toContain("belongs to the stack trinitycore/lab");
      await other.set({ "trinitycore:host.takeover": true });
      expectOk(await other.up());
      await other.unset("trinitycore:host.takeover");
      await atPeace(other);
      expect(await look()).toEqual(before);

      expect((await stack.up()).stdout).toContain("belongs to the stack trinitycore/other");
      const said = expectOk(await stack.destroy());
      expect(said).toContain("left alone: it belongs to trinitycore/other/trinitycore:host:User/realm-user now");
      expect(await look()).toEqual(before);
      await atPeace(other);
    } finally {
      rmSync(other.work, { recursive: true });
    }
  }, 240_000);
});
