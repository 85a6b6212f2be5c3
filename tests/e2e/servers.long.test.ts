import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { offerDownloads, realmConfig } from "../lab/config";
import { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { sql } from "./breakage";
import { names, reaches } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";
import { errorOf } from "./refused";

describeOnLab("a stack whose host becomes another", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  let other: Machine;

  beforeAll(async () => {
    realm = await convergedRealm("servers");
    ({ machine, stack } = realm);
    other = await Machine.fresh("servers-b", "baked");
    await offerDownloads(other);
  }, 1_200_000);
  afterAll(async () => {
    nobodyAt("del");
    await destroyLab(realm);
    await other?.destroy();
  }, 60_000);

  /** Else what is asked there goes on to whatever network this machine is in, and something may answer. */
  const nobodyAt = (verb: "add" | "del") =>
    execFileSync("ip", ["route", verb, "unreachable", `${other.address}/32`], { stdio: "inherit" });

  /** What runs there, and who owns it. */
  const seen = (on: Machine) =>
    on.sure(
      "systemctl show -P MainPID authserver worldserver mariadb | xargs; cat /var/lib/trinity-stack/owner; firewall-cmd --list-ports; find /var/lib/trinity-stack -type f -exec sha256sum {} + | sort",
    );

  it("says that the old one is left as it is, leaves it so, and builds the new one", async () => {
    const before = await seen(machine);
    await stack.set(realmConfig(other));
    const warning = `warning: until now this stack was on ${machine.address}; ${other.address} is new to it. ${machine.address} is left as it is:`;
    expect(expectOk(await stack.preview())).toContain(warning);
    expect(expectOk(await stack.up())).toContain(warning);
    expect(await seen(machine)).toBe(before);
    expect(await reaches(machine.address, 8085)).toBe(true);
    expect(await other.sure("systemctl is-active authserver; cat /var/lib/trinity-stack/owner")).toBe(
      "active\ntrinitycore/lab",
    );
    expect(await other.sure(sql("SELECT COUNT(*) > 0 FROM worldserver.version"))).toBe("1");
    expect(names(await stack.planned())).toEqual([]);
    expect(expectOk(await stack.preview())).not.toContain("until now this stack was on");
  }, 400_000);

  it("that is gone for good is told of at once", async () => {
    // Steps that the next test takes out of the config.
    await stack.set({ "trinitycore:restarts": "window" });
    expectOk(await stack.up());
    await other.kill();
    nobodyAt("add");
    const since = Date.now();
    expect(errorOf(await stack.preview())).toMatch(
      /^(cannot reach|no SSH session with) \S+ on port 22 \(.*\); look at trinitycore:host.address/,
    );
    expect(Date.now() - since).toBeLessThan(20_000);
  }, 240_000);

  it("that is gone for good fails each `up` that has to undo a step there, until that one is forgotten as docs/recovery.md says", async () => {
    const before = await seen(machine);
    await stack.set({ ...realmConfig(machine), "trinitycore:restarts": "now" });
    const listed = await stack.must(["stack", "--show-urns", "--stack", stack.name]);
    const forgotten: string[] = [];
    let ran = await stack.up();
    for (; ran.code !== 0 && forgotten.length < 2; ran = await stack.up()) {
      const failed = [...ran.stdout.matchAll(/command:remote:Command \(([\w-]+)\):\n +error: /g)].map(
        ([, name]) => name,
      );
      expect(failed).not.toEqual([]);
      for (const name of failed) {
        const [urn = ""] = new RegExp(`urn:\\S+\\$command:remote:Command::${name}$`, "m").exec(listed) ?? [];
        await stack.must(["state", "delete", urn, "--yes", "--stack", stack.name]);
        forgotten.push(name as string);
      }
    }
    expectOk(ran);
    expect(forgotten.sort()).toEqual(["realm-restarts"]);
    expect((await seen(machine)).split("\n")[0]).toBe(before.split("\n")[0]);
    expect(names(await stack.planned())).toEqual([]);
  }, 600_000);

  it("is forgotten by `stack rm --force`; the old host is still to be had", async () => {
    await stack.must(["stack", "rm", "--force", "--yes", "--stack", stack.name]);
    expect(await stack.must(["stack", "ls", "--all"])).not.toContain("lab");

    // A new stack of the same name is the old host's owner.
    const before = await seen(machine);
    rmSync(stack.configFile);
    await stack.init();
    await stack.set(realmConfig(machine));
    expectOk(await stack.up());
    expect((await seen(machine)).split("\n")[0]).toBe(before.split("\n")[0]);
    expect(names(await stack.planned())).toEqual([]);
  }, 240_000);

  it("that was replaced by a bare one is named as that before anything is done, and becomes a realm again", async () => {
    const { address } = machine;
    await machine.sure("systemctl stop authserver worldserver && rm -rf /var/lib/trinity-stack");
    await machine.sure(sql("DROP DATABASE characters", "DROP DATABASE authserver"));
    const text = `${address} knows nothing of this stack, though the last run was there: the host was replaced`;
    expect(expectOk(await stack.preview())).toContain(text);
    expect(expectOk(await stack.up())).toContain(text);
    expect(await machine.sure("systemctl is-active authserver worldserver")).toBe("active\nactive");
    expect(names(await stack.planned())).toEqual([]);
    expect(expectOk(await stack.preview())).not.toContain("knows nothing of this stack");
  }, 240_000);
});
