import * as fc from "fast-check";
import { cuts, said } from "./cuts";
import { held, holdAt, holdable, letGo, untilHeld } from "./hold";
import { names } from "./outside";
import { preview } from "./preview";
import { bareRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";
/** The steps with something to do on a bare host, as their receipts are called; there is no SELinux on the lab's. */
const STEPS = [
  ...[
    "scripts",
    "user",
    "packages",
    "firewall",
    "logs",
    "source",
    "build",
    "mariadb",
    "access",
    "tdb",
    "schema",
    "release",
    "realm-row",
    "accounts",
  ],
  ...["authserver-config", "worldserver-config", "authserver-unit", "worldserver-unit", "authserver", "worldserver"],
  "announcer",
];
/** What is written whole or not at all, by the name it is used under. */
const WHOLE = `find /etc/systemd/system /etc/trinity-stack /usr/local/libexec/trinity-stack ${ROOT}/etc ${ROOT}/releases /var/lib/trinity-stack/owner \
  /var/lib/trinity-stack/source -type f ! -path '*/.*' \\( -path '*trinity*' -o -name '*server.service' \\) -exec sha256sum {} + 2>/dev/null || true`;

const SEED = Number(process.env.TRINITY_SEED ?? Date.now() % 1_000_000);

describeOnLab(`an \`up\` that is cut off (TRINITY_SEED=${SEED})`, () => {
  let realm: RealmLab;
  beforeAll(async () => {
    realm = await bareRealm("cut");
    await holdable(realm.machine);
    // Or installing MariaDB would start it, and its step had nothing to do.
    await realm.machine.sure(
      "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d",
    );
    await realm.stack.set({
      "trinitycore:restarts": "announce",
      "trinitycore:core.build.options": JSON.stringify({ STANDIN_SLOW_BUILD: 1 }),
    });
  }, 300_000);
  afterAll(() => destroyLab(realm), 60_000);

  it("in the middle of every component, by turns in every way, is finished by the next one", async () => {
    const { machine, stack } = realm;
    const ways = Object.entries(cuts);
    const contents = new Map<string, Set<string>>();
    const take = async () => {
      for (const line of (await machine.sure(WHOLE)).split("\n").filter(Boolean)) {
        const [sum = "", file = ""] = line.split(/ +/);
        contents.set(file, (contents.get(file) ?? new Set()).add(sum));
      }
    };
    const numbers = fc.sample(fc.integer({ min: 0, max: 60 }), { seed: SEED, numRuns: STEPS.length });
    const cutAt: Record<string, string> = {};
    for (let round = 0; ; round++) {
      const left = Object.entries(STEPS).filter(([, step]) => !cutAt[step]);
      await holdAt(machine, Object.fromEntries(left.map(([at, step]) => [step, numbers[Number(at)] as number])));
      const up = stack.startUp();
      const steps = await untilHeld(machine, up);
      if (Object.keys(steps).length === 0) {
        expectOk(await up.done);
        break;
      }
      const [way, cut] = ways[round % ways.length] as (typeof ways)[number];
      await cut(realm, up);
      expect((await up.done).code).not.toBe(0);
      // What had only just begun is cut off as well.
      for (const [step, command] of Object.entries({ ...steps, ...(await held(machine)) }))
        cutAt[step] = `${way}, before ${command}`;
      await take();
      await letGo(machine);
      // What a cut-off converge left is no drift.
      expect(
        Object.values((await preview(stack)).warns)
          .flat()
          .filter((line) => /^drift/.test(line)),
      ).toEqual([]);
    }
    console.info(cutAt);
    await take();
    expect([...contents].filter(([, sums]) => sums.size > 1)).toEqual([]);
    expect(Object.keys(cutAt).sort()).toEqual([...STEPS].sort());
    expect(names(await stack.planned())).toEqual([]);
    expect(await machine.sure("systemctl is-active authserver")).toBe("active");
    // What was killed is remembered by the engine, which warns of it in every run until it is told that all is well.
    const pending = async () => (await stack.exported()).deployment.pending_operations?.length ?? 0;
    expect(await pending()).toBeGreaterThan(0);
    expectOk(await stack.refresh(["--run-program", "--clear-pending-creates"]));
    expect(await pending()).toBe(0);
    expect(names(await stack.planned())).toEqual([]);
  }, 2_400_000);

  it("while it builds and while it updates the databases leaves both at work: they are joined, and not begun twice", async () => {
    const { machine, stack } = realm;
    const runs = (unit: string) =>
      machine.sure(`journalctl -q -u trinity-${unit} -o cat | grep -c '^Started ' || true`);
    const invocation = (unit: string) =>
      machine.sure(
        `until systemctl is-active --quiet trinity-${unit}; do sleep 0.05; done; systemctl show -P InvocationID trinity-${unit}`,
      );
    const before = { build: await runs("build"), schema: await runs("schema") };
    await stack.set({ "trinitycore:core.build.options": JSON.stringify({ STANDIN_SLOW_BUILD: 1, WITH_WARNINGS: 1 }) });

    const first = stack.startUp();
    const build = await invocation("build");
    await cuts["SIGKILL, then pulumi cancel"](realm, first);
    const second = stack.startUp();
    await said(second, /joining the build of [0-9a-f-]+ that is running/);
    expect(await invocation("build")).toBe(build);
    // Held where it is, as a big update takes long; no sooner than it runs, or systemd ends it as one that does not start.
    const schema =
      await machine.sure(`until systemctl is-active --quiet trinity-schema && systemctl kill -s STOP trinity-schema; do sleep 0.02; done
      systemctl show -P InvocationID trinity-schema`);
    await cuts["a cut SSH connection"](realm, second);
    const third = stack.startUp();
    await said(third, /waiting for the schema lock held by schema \(process \d+, since [\d:]+ UTC\)/);
    expect(await invocation("schema")).toBe(schema);
    await machine.sure("systemctl kill -s CONT trinity-schema");
    expectOk(await third.done);
    expect([Number(await runs("build")), Number(await runs("schema"))]).toEqual([
      Number(before.build) + 1,
      Number(before.schema) + 1,
    ]);
    expect(names(await stack.planned())).toEqual([]);
    expect(
      await machine.sure(
        `systemctl is-active authserver; ls -d ${ROOT}/releases/.* 2>/dev/null | grep -vE '/\\.{1,2}$' || true`,
      ),
    ).toBe("active");
  }, 600_000);
});
