import type { Machine } from "../lab/machine";
import type { PreviewStep, Stack } from "../lab/pulumi";
import { type Breakage, processes, type Said } from "./breakage";
import { breakages } from "./breakages";
import { names } from "./outside";
import { convergedRealm, describeOnLab, discard, expectOk, type RealmLab } from "./realm-lab";

interface Diagnostic {
  urn?: string;
  severity: string;
  message: string;
}
interface Look {
  planned: string[];
  /** Lines by resource. */
  warns: Record<string, string[]>;
  tells: Record<string, string[]>;
}

const own = (name: string) => name.replace(/^realm-/, "");

async function preview(stack: Stack): Promise<Look> {
  const { steps, diagnostics = [] } = JSON.parse(await stack.must(["preview", "--json", ...stack.where])) as {
    steps: PreviewStep[];
    diagnostics?: Diagnostic[];
  };
  const look: Look = { planned: names(steps.filter(({ op }) => op !== "same")).map(own), warns: {}, tells: {} };
  for (const { urn = "", severity, message } of diagnostics) {
    const into = severity === "info" ? look.tells : look.warns;
    const lines = message
      .replace(/^warning: /, "")
      .trimEnd()
      .split("\n");
    const name = own(urn.split("::").pop() as string);
    into[name] = [...(into[name] ?? []), ...lines];
  }
  return look;
}

describeOnLab("what was changed on the server by hand", () => {
  let realm: RealmLab | undefined;
  /** The last preview, as long as it was empty and nothing was broken since. */
  let quiet: Look | undefined;
  afterAll(() => discard(realm), 60_000);

  // A server on which nothing is to do: a new one, unless the last test left its own so.
  beforeEach(async () => {
    if (realm && quiet) return;
    await discard(realm);
    realm = await convergedRealm("drift");
    await becomesQuiet(realm.stack);
  }, 1_200_000);
  const atPeace = () => ({ ...(realm as RealmLab), quiet: quiet as Look });

  async function becomesQuiet(stack: Stack): Promise<void> {
    const look = await preview(stack);
    expect([look.planned, look.warns]).toEqual([[], {}]);
    quiet = look;
  }

  const fromOutside = (machine: Machine, { look }: Breakage): Promise<unknown> =>
    typeof look === "string" ? machine.exec(look) : look(machine);
  /** One for each process, "0" where it does not run. */
  const pids = async (machine: Machine) =>
    (await machine.sure(processes.map((process) => `systemctl show -P MainPID ${process}`).join("; "))).split("\n");

  it.each(breakages)(
    "is named, put right by one `up`, and then at peace: $name",
    async (breakage) => {
      const { machine, stack, quiet: before } = atPeace();
      const good = await fromOutside(machine, breakage);
      const release = await machine.sure("basename $(readlink /var/lib/trinity/Projects/trinity-335/run)");
      const scripts = await machine.sure("readlink /usr/local/libexec/trinity-stack/current");
      const filled = (said: Said): Said =>
        JSON.parse(JSON.stringify(said).replaceAll("{release}", release).replaceAll("{scripts}", scripts));

      quiet = undefined;
      await machine.sure(breakage.by);
      const [broken, running] = [await fromOutside(machine, breakage), await pids(machine)];
      expect(broken).not.toEqual(good);

      const { warns, tells = {} } = breakage;
      const seen = await preview(stack);
      expect(seen.warns).toEqual(filled(warns));
      expect(seen.tells).toEqual({ ...before.tells, ...tells });
      expect(seen.planned).toEqual(Object.keys({ ...warns, ...tells }).sort());

      expectOk(await stack.up());
      expect(await fromOutside(machine, breakage)).toEqual(good);
      const after = await pids(machine);
      expect(processes.filter((_, at) => after[at] !== running[at])).toEqual(breakage.starts ?? []);
      await becomesQuiet(stack);
    },
    240_000,
  );

  it("is data that is lost: `up` refuses, names the way back, and begins anew only when told to", async () => {
    const { machine, stack } = atPeace();
    const sql = (statement: string) => machine.sure(`mariadb -N -B -e ${JSON.stringify(statement)}`);
    const tables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'characters'";
    const had = await sql(tables);
    await sql(
      "INSERT INTO authserver.account (username, salt, verifier) VALUES ('A', REPEAT('a', 32), REPEAT('b', 32))",
    );

    quiet = undefined;
    await sql("DROP DATABASE characters");
    const running = await pids(machine);
    const seen = await preview(stack);
    expect(seen.planned).toEqual(["access", "schema"]);
    expect(seen.warns.access).toContain("drift: database characters does not exist");
    expect(seen.warns.schema).toContain("drift: the characters database characters is missing");
    const { code, stdout, stderr } = await stack.up();
    expect(code).not.toBe(0);
    const said = stdout + stderr;
    expect(said).toContain(
      "the database characters is gone: it was there when the stack last ran; nothing was changed",
    );
    expect(said).toContain("newest backup on this server: none");
    expect(said).toContain("pulumi config set trinitycore:databases.startEmpty true");
    expect(await sql("SHOW DATABASES LIKE 'characters'")).toBe("");
    expect(await pids(machine)).toEqual(running);

    await stack.set({ "trinitycore:databases.startEmpty": true });
    expectOk(await stack.up());
    expect(await sql(tables)).toBe(had);
    expect(await sql("SELECT username FROM authserver.account")).toBe("A");
    expect(await machine.sure("systemctl is-active authserver worldserver | xargs")).toBe("active active");
    await becomesQuiet(stack);
  }, 240_000);
});
