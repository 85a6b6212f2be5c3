import { readFileSync } from "node:fs";
import { bringGameData } from "../lab/config";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { logins, logsIn, names, passwordOf, pidOf, reaches, watchProcesses } from "./outside";
import { bareRealm, describeOnLab, destroyLab, expectOk, keepConverged, type RealmLab } from "./realm-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";
const SQL = (database: string, statement: string) => `mariadb -N -B ${database} -e ${JSON.stringify(statement)}`;

describeOnLab("a bare host becomes a running realm", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  /** All that the runs of this file printed: no secret may be in it. */
  let printed = "";
  let processes = "";
  const secrets: string[] = [];
  const run = async (what: Promise<{ code: number | null; stdout: string; stderr: string }>) => {
    const result = await what;
    printed += result.stdout + result.stderr;
    return expectOk(result);
  };
  /** What happened on the way, one step after the other; the tests look at it. */
  const seen = {
    waiting: "",
    outputs: {} as Record<string, unknown>,
    waitingState: "",
    plannedWithData: [] as string[],
    plannedAtLast: [] as string[],
    loginsOfPreview: 0,
    loginsOfSecondUp: 0,
  };

  beforeAll(async () => {
    realm = await bareRealm("converge");
    ({ machine, stack } = realm);
    const watch = await watchProcesses(machine);
    await run(stack.up());
    seen.outputs = await stack.outputs();
    seen.waitingState = await machine.sure("systemctl is-active worldserver || true");
    seen.waiting = await run(stack.preview(["--expect-no-changes"]));
    await bringGameData(machine);
    seen.plannedWithData = names(await stack.planned());
    await run(stack.up());
    processes += await watch.end();
    const before = await logins(machine);
    seen.plannedAtLast = names(await stack.planned());
    seen.loginsOfPreview = (await logins(machine)) - before;
    await run(stack.up());
    seen.loginsOfSecondUp = (await logins(machine)) - before - seen.loginsOfPreview;
    for (const role of ["LOGIN", "WORLD", "CHARACTER"]) {
      secrets.push(await passwordOf(machine, "worldserver", `TC_${role}_DATABASE_INFO`));
    }
    await keepConverged(realm);
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  describe("as seen from outside", () => {
    it("has the page's service user, whose password opens nothing", async () => {
      expect(await machine.sure("getent passwd trinity")).toMatch(
        /^trinity:x:\d+:\d+:TrinityCore system account:\/var\/lib\/trinity:/,
      );
      expect(await machine.sure("getent shadow trinity | cut -d: -f2")).toMatch(/^[!*]/);
      expect(await machine.sure("id -gn trinity")).toBe("trinity");
    });

    it("has the packages, the source with its submodule, and a stripped release of that very commit", async () => {
      const commit = await machine.sure(`runuser -u trinity -- git -C ${ROOT}/src rev-parse HEAD`);
      expect(commit).toBe(await machine.sure("git --git-dir=/srv/git/core.git rev-parse 3.3.5"));
      expect(await machine.sure(`runuser -u trinity -- git -C ${ROOT}/src status --porcelain`)).toBe("");
      expect(await machine.sure(`${ROOT}/run/bin/worldserver --version`)).toContain(`rev. ${commit.slice(0, 12)} `);
      expect(
        await machine.sure(`file -L ${ROOT}/run/bin/worldserver || true; readelf -S ${ROOT}/run/bin/worldserver`),
      ).not.toContain(".debug_info");
      expect(await machine.sure(`readlink ${ROOT}/run`)).toMatch(
        new RegExp(`^releases/${commit.slice(0, 12)}-[0-9a-f]{8}$`),
      );
      expect(await machine.sure(`test -d ${ROOT}/run/sql/base && ls ${ROOT}/run/bin | sort | xargs`)).toBe(
        "authserver mapextractor mmaps_generator vmap4assembler vmap4extractor worldserver",
      );
    });

    it("has the databases, filled by the core's own updater, and lets in exactly who should be", async () => {
      expect(await machine.sure(SQL("worldserver", "SELECT db_version FROM version"))).toMatch(/^TDB 335\./);
      const [auth, world, characters] = secrets as [string, string, string];
      expect(await logsIn(machine, "authserver", auth)).toBe(true);
      expect(await logsIn(machine, "worldserver", world)).toBe(true);
      expect(await logsIn(machine, "characters", characters)).toBe(true);
      expect(await logsIn(machine, "authserver", world)).toBe(false);
      const charset =
        "SELECT DISTINCT default_collation_name FROM information_schema.schemata WHERE schema_name IN ('authserver','characters','worldserver')";
      expect(await machine.sure(SQL("", charset))).toBe("utf8mb4_unicode_ci");
    });

    it("has the realm's row", async () => {
      const columns = "name, address, localAddress, localSubnetMask, port, allowedSecurityLevel, gamebuild";
      expect(await machine.sure(SQL("authserver", `SELECT ${columns} FROM realmlist WHERE id = 1`))).toBe(
        "RoE (WotLK)\twow.lab.test\t127.0.0.1\t255.255.255.0\t8085\t0\t12340",
      );
    });

    it("runs the authserver, enabled, under both names, in a tight sandbox", async () => {
      expect(await machine.sure("systemctl is-active authserver tc-335-auth | xargs")).toBe("active active");
      expect(await machine.sure("systemctl is-enabled authserver worldserver | xargs")).toBe("enabled enabled");
      const units = (await machine.sure("cd /etc/systemd/system && grep -ls libexec/trinity-stack *.service")).split(
        "\n",
      );
      expect(units).toEqual(expect.arrayContaining(["authserver.service", "trinity-backup.service"]));
      // A template is rated as one that is made of it.
      for (const unit of units.map((name) => name.replace("@.", "@x."))) {
        const line = await machine.sure(`systemd-analyze security --no-pager ${unit} | tail -1`);
        expect([unit, Number(/: ([\d.]+) /.exec(line)?.[1]) <= 3.0]).toEqual([unit, true]);
      }
      expect(await machine.sure(`ps -o user= -p ${await pidOf(machine, "authserver")}`)).toBe("trinity");
    });

    it("keeps secrets in files that only root reads, and what decides how servers run out of their reach", async () => {
      expect(await machine.sure("stat -c '%a %U %n' /etc/trinity-stack /etc/trinity-stack/*.env")).toBe(
        [
          "700 root /etc/trinity-stack",
          "600 root /etc/trinity-stack/authserver.env",
          "600 root /etc/trinity-stack/worldserver.env",
        ].join("\n"),
      );
      expect(await machine.sure("find /usr/local/libexec/trinity-stack -perm /022 ! -type l -o ! -user root")).toBe("");
    });
  });

  it("says that the worldserver waits for game data: in the outputs, in the preview, and it is no drift", () => {
    expect(seen.outputs.worldserver).toMatch(/^waits for game data/);
    expect(seen.waitingState).toBe("inactive");
    expect(seen.waiting).toContain("the worldserver waits for game data");
  });

  it("starts the worldserver, and nothing else, once its data is there", async () => {
    expect(seen.plannedWithData).toEqual(["realm-worldserver"]);
    expect((await stack.outputs()).worldserver).toBe("active");
    expect(await machine.sure(SQL("authserver", "SELECT flag & 2 FROM realmlist WHERE id = 1"))).toBe("0");
  });

  it("opens the players' ports to clients, and no other", async () => {
    const open = await Promise.all([3724, 8085, 3443, 7878].map((port) => reaches(machine.address, port)));
    expect(open).toEqual([true, true, false, false]);
    for (const permanent of ["", "--permanent "]) {
      expect(await machine.sure(`firewall-cmd ${permanent}--list-ports | tr ' ' '\\n' | sort | xargs`)).toBe(
        "3724/tcp 8085/tcp",
      );
    }
  });

  it("has nothing planned afterwards, looks over one connection, and a second `up` runs no command", () => {
    expect(seen.plannedAtLast).toEqual([]);
    expect(seen.loginsOfPreview).toBe(1);
    // The program's own look, at its preview-less run; a command would be another login.
    expect(seen.loginsOfSecondUp).toBe(1);
  });

  it("shows no secret anywhere: state, previews, outputs, journal, command lines, environments, readable files", async () => {
    const key = readFileSync(stack.configFile, "utf8");
    const places: Record<string, string> = {
      printed,
      processes,
      config: key,
      state: JSON.stringify(await stack.exported()),
      journal: await machine.sure("journalctl -q --no-pager -o cat"),
      readable: await machine.sure(
        "find / -xdev -type f -perm /044 -newer /etc/machine-id -size -2000k -not -path '/proc/*' -not -path '/sys/*' -not -path '/var/lib/dpkg/*' -not -path '/usr/*' -print0 | xargs -0 cat",
      ),
    };
    expect(new Set(secrets).size).toBe(3);
    const found = Object.entries(places).flatMap(([place, text]) =>
      secrets
        .filter((secret) => text.includes(secret))
        .map((secret) => `${place}: secret number ${secrets.indexOf(secret)}`),
    );
    expect(found).toEqual([]);
    expect(printed).not.toContain("PRIVATE KEY");
  }, 120_000);
});
