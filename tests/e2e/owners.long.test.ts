import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realmConfig } from "../lab/config";
import type { Machine } from "../lab/machine";
import { CHECKOUT, PROGRAM, Stack } from "../lab/pulumi";
import { names, realmFromOutside } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

describeOnLab("what is on the host goes to another owner", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;

  beforeAll(async () => {
    realm = await convergedRealm("owners");
    ({ machine, stack } = realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  const look = () => realmFromOutside(machine);
  const expectNothingPlanned = async (which: Stack) => expect(names(await which.planned())).toEqual([]);

  describe("a rename in the program", () => {
    const programs: string[] = [];
    afterAll(() => programs.map((folder) => rmSync(folder, { recursive: true })));
    /**
     * The same stack with a program that calls every step otherwise, with a word to the engine of what it was, or
     * without.
     */
    function calling(prefix: string, { aliased }: { aliased: boolean }): Stack {
      const program = mkdtempSync(join(tmpdir(), "program-"));
      programs.push(program);
      for (const part of [...PROGRAM, "package.json", "tsconfig.json"])
        cpSync(join(CHECKOUT, part), join(program, part), { recursive: true });
      symlinkSync(join(CHECKOUT, "node_modules"), join(program, "node_modules"));
      const change = (file: string, from: string, to: string) => {
        const text = readFileSync(join(program, file), "utf8");
        const changed = text.replace(from, to);
        expect(changed).not.toBe(text);
        writeFileSync(join(program, file), changed);
      };
      change("components/subject.ts", 'const FORMER = "realm"', `const FORMER = "${prefix}"`);
      const was = `name.replace(/^${prefix}-/, "realm-")`;
      const alias = `pulumi.runtime.registerStackTransformation(({ name, props, opts }) => ({ props, opts: pulumi.mergeOptions(opts, { aliases: [{ name: ${was} }] }) }));`;
      if (aliased) change("index.ts", "/** Stack config", `${alias}\n\n/** Stack config`);
      return new Stack({ work: stack.work, program });
    }

    it("with an alias keeps every resource", async () => {
      const before = await look();
      const aliased = calling("home", { aliased: true });
      const steps = await aliased.planned();
      expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["update"]));
      const output = expectOk(await aliased.up());
      expect(output).not.toMatch(/^ *[-+]+ +\d+ (created|deleted|replaced)/m);
      expect(await look()).toEqual(before);
      await expectNothingPlanned(aliased);
    }, 120_000);

    it("without one makes every resource anew, and what goes with the old ones is not what the new ones have", async () => {
      const before = await look();
      const renamed = calling("house", { aliased: false });
      const output = expectOk(await renamed.up());
      expect(output).toMatch(/^ *\+ +\d+ created/m);
      expect(output).toMatch(/^ *- +\d+ deleted/m);
      expect(output).toContain(
        "left alone: it was made anew for trinitycore/lab/trinitycore:host:Firewall/house-firewall",
      );
      expect(await look()).toEqual(before);
      await expectNothingPlanned(renamed);
      // And back, as the other tests expect it.
      expectOk(await stack.up());
      expect(await look()).toEqual(before);
    }, 240_000);
  });

  it("a renamed stack is refused until it is told to take the host over, and then restarts nothing", async () => {
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
    await expectNothingPlanned(renamed);
    expect(await machine.sure("cat /var/lib/trinity-stack/owner")).toBe("trinitycore/moved");

    await renamed.must(["stack", "rename", "lab", "--stack", "moved"]);
    await stack.set({ "trinitycore:host.takeover": true });
    expectOk(await stack.up());
    await stack.unset("trinitycore:host.takeover");
  }, 180_000);

  it("a stack whose host another one took over is refused, and its destroy leaves the other's alone", async () => {
    const before = await look();
    const other = await new Stack({ work: `${stack.work}-other`, stack: "other" }).init();
    try {
      await other.set(realmConfig(machine));
      expect((await other.up()).stdout).toContain("belongs to the stack trinitycore/lab");
      await other.set({ "trinitycore:host.takeover": true });
      expectOk(await other.up());
      await other.unset("trinitycore:host.takeover");
      await expectNothingPlanned(other);
      expect(await look()).toEqual(before);

      expect((await stack.up()).stdout).toContain("belongs to the stack trinitycore/other");
      const said = expectOk(await stack.destroy());
      expect(said).toContain("left alone: it was made anew for trinitycore/other/trinitycore:host:User/realm-user");
      expect(await look()).toEqual(before);
      await expectNothingPlanned(other);
    } finally {
      rmSync(other.work, { recursive: true });
    }
  }, 240_000);
});
