import { applied, schemaArgs as args, root, tdbName, withDatabases } from "./built";
import { onlyForReal } from "./live-realm";
import { lab, type Machine, stepCommand } from "./on-machine";

lab.describe("the schema step", () => {
  let machine: Machine;
  let release: string;
  const look = (more = {}) => machine.observe("schema", "schema", { ...args, ...more });
  const apply = (given: typeof args & Record<string, string | number> = args) =>
    machine.apply("schema", "schema", given);
  const sql = (statements: string) => machine.sh("mariadb -N -B", { stdin: statements });
  const empty = () =>
    sql(
      ["auth", "characters", "world"]
        .map((d) => `DROP DATABASE ${d}; CREATE DATABASE ${d} COLLATE utf8mb4_unicode_ci;`)
        .join(""),
    );
  /** Another whole release beside the built one, changed as the script says; it becomes the candidate. */
  const candidate = (name: string, change: string) =>
    machine.sh(
      `cd ${root}/releases && rm -rf ${name} && cp -a ${release} ${name} && cd ${name} && { ${change}; } && ln -sfn releases/${name} ${root}/candidate; rm -f /var/lib/trinity-stack/failed-commits`,
    );
  const putBack = () =>
    machine.sh(
      `ln -sfn releases/${release} ${root}/candidate; cp -a /srv/tdb/${tdbName}.sql ${root}/work/worldserver/`,
    );

  beforeAll(() => {
    machine = withDatabases("t-schema");
    release = machine.sh(`basename $(readlink ${root}/candidate)`);
    machine.sh(`ln -sfn releases/${release} ${root}/run
      for unit in worldserver authserver; do
        printf '[Service]\\nExecStart=/bin/sleep infinity\\n# /usr/local/libexec/trinity-stack/\\n' >/etc/systemd/system/$unit.service
      done; systemctl daemon-reload`);
  }, 600_000);
  afterAll(() => machine?.stop());

  it("fills empty databases, and then has nothing to do", () => {
    expect(look()).toEqual([
      "the auth database auth has no tables",
      "the characters database characters has no tables",
      "the world database world has no tables",
      `the databases were not yet brought up to date for releases/${release}`,
    ]);
    const dump = `${root}/work/worldserver/${tdbName}.sql`;
    const sum = machine.sh(`sha256sum ${dump} | cut -d ' ' -f 1`);
    // Not what is on record: MariaDB sees nothing of it.
    machine.sh(
      `printf '%s\\n' content=${tdbName}.sql sum=${"0".repeat(64)} came=x >/var/lib/trinity-stack/world-content`,
    );
    expect(apply(args)).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        `error: ${dump} is not what was put there: its sum differs; nothing of it was imported`,
      ),
    });
    expect(sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'world'")).toBe("0");
    machine.sh("rm /var/lib/trinity-stack/world-content");
    expect(applied(machine, "schema", args)).toMatch(
      /importing TDB_full_world.*\n(.*\n)*the databases are as releases\//,
    );
    expect(
      machine.sh("grep -E '^(content|sum|came)=' /var/lib/trinity-stack/schema; ls /var/lib/trinity-stack"),
    ).toMatch(new RegExp(`^content=${tdbName}\\.sql\nsum=${sum}\ncame=${sum}\n(?!(.*\n)*world-content)`));
    expect(sql("SELECT COUNT(*) FROM world.creature_template; SELECT db_version FROM world.version")).toBe(
      "600\nTDB 335.25101",
    );
    expect(sql("SELECT name FROM auth.updates ORDER BY name")).toContain("2026_06_02_00_auth.sql");
    expect(machine.sh(`ls ${root}/work/worldserver; ls /var/lib/trinity-stack/importing 2>&1 || true`)).not.toContain(
      "TDB",
    );
    // The program that the updater is given is there for the run alone.
    expect(machine.sh(`ls ${root}/work`)).toBe("authserver\nschema-logs\nworldserver");
    expect(applied(machine, "schema", args)).toContain("as it should be");
  });

  it("starts although systemd has not let go of its last run", () => {
    const unit = "/run/systemd/transient/trinity-schema.service";
    machine.sh(
      `mkdir -p ${unit.slice(0, unit.lastIndexOf("/"))} && printf '[Service]\\nExecStart=/bin/true\\n' >${unit} && systemctl daemon-reload && systemctl start trinity-schema && rm /var/lib/trinity-stack/schema`,
    );
    expect(machine.sh("systemctl show -P LoadState trinity-schema")).toBe("loaded");
    expect(applied(machine, "schema", args)).toContain("the databases are as releases/");
  });

  it("sees what a database of an older day lacks, and a release that was not migrated to", () => {
    sql("DELETE FROM world.updates WHERE name LIKE '2026_07_0%'");
    expect(look()).toEqual([
      `the world database lacks 2 updates of releases/${release}: 2026_07_01_00_world.sql 2026_07_02_00_world.sql`,
    ]);
    candidate("next", "true");
    expect(look()).toContain(
      `the databases are as releases/${release} left them, should be as releases/next wants them`,
    );
    putBack();
    applied(machine, "schema", args);
    expect(look()).toEqual([]);
  });

  it("takes a table that is gone as lost data, and touches nothing until it is back or given up", () => {
    machine.sh("mariadb-dump world creature_template >/run/table.sql");
    sql("DROP TABLE world.creature_template");
    const lost = "the world database has lost 1 table: creature_template";
    expect(look()).toEqual([lost]);
    const { code, err } = apply();
    expect([code, err]).toEqual([
      1,
      `error: ${lost}; nothing was changed\n  restore what is gone from a backup, or go on without it: rm /var/lib/trinity-stack/tables on the host\n`,
    ]);
    machine.sh("mariadb world </run/table.sql");
    expect(look()).toEqual([]);
    sql("DROP TABLE world.creature_template");
    machine.sh("rm /var/lib/trinity-stack/tables");
    expect(look()).toEqual([]);
    machine.sh("mariadb world </run/table.sql; rm /var/lib/trinity-stack/schema");
    applied(machine, "schema", args);
    expect(machine.sh("grep -c creature_template /var/lib/trinity-stack/tables")).toBe("1");
  });

  it("stops the realm, and on a failing update starts it again on the release that still is live", () => {
    candidate("broken", `echo "${onlyForReal("world")};" >sql/updates/world/2026_08_01_00_world.sql`);
    machine.sh("systemctl start worldserver");
    const before = machine.sh("systemctl show -P InvocationID worldserver");
    const { code, out, err } = apply();
    expect(code).toBe(1);
    expect(out).toMatch(/^stopping worldserver$(.*\n)*^starting again: worldserver\.service$/m);
    expect(err.split("\n")).toEqual([
      "error: the databases could not be updated for releases/broken: 2026_08_01_00_world.sql failed in the database world: ERROR 1242 (21000) at line 1: Subquery returns more than 1 row",
      "  what stands before it, in that file too, has been done",
      expect.stringMatching(/^ {2}Could not update the World database/),
      `  nothing was switched, release ${release.slice(0, 12)} is still live`,
      "  whole log on the host: /var/log/trinity-stack/schema.log, or journalctl -u trinity-schema",
      "",
    ]);
    expect(machine.sh("systemctl is-active worldserver; systemctl is-active authserver || true")).toBe(
      "active\ninactive",
    );
    expect(machine.sh("systemctl show -P InvocationID worldserver")).not.toBe(before);
    expect(machine.sh(`readlink ${root}/run`)).toBe(`releases/${release}`);
    putBack();
    applied(machine, "schema", args);
    machine.sh("systemctl stop worldserver");
  });

  it("has players told before it stops the realm, and starts what they left again when the update fails", () => {
    const speaks = `#!/bin/sh
      case $(cat) in *'server shutdown force 5 0'*) systemctl stop worldserver ;; esac`;
    sql(
      "INSERT INTO characters.characters (guid, account, name, online) VALUES (1, 1, 'A', 1), (2, 1, 'B', 1), (3, 1, 'C', 0)",
    );
    machine.sh("cat >/usr/local/sbin/curl && chmod 755 /usr/local/sbin/curl && systemctl start worldserver", {
      stdin: speaks,
    });
    candidate("broken", `echo "${onlyForReal("world")};" >sql/updates/world/2026_08_01_00_world.sql`);
    const { code, out } = apply({
      ...args,
      restarts: "announce",
      announce_seconds: 5,
      worldserver: "worldserver.service",
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^2 players told: the worldserver stops in 5 s$(.*\n)*^starting again: worldserver\.service$/m);
    expect(
      machine.sh(
        "until [ $(systemctl is-active worldserver) != activating ]; do sleep 0.1; done; systemctl is-active worldserver",
      ),
    ).toBe("active");
    putBack();
    applied(machine, "schema", args);
    machine.sh("systemctl stop worldserver; rm /usr/local/sbin/curl");
  });

  it("names the servers that do not start again after it, and is done all the same", () => {
    const dropIn = "/run/systemd/system/worldserver.service.d";
    machine.sh(`systemctl start worldserver authserver; rm /var/lib/trinity-stack/schema
      mkdir -p ${dropIn} && printf '[Service]\\nExecStartPre=/bin/false\\n' >${dropIn}/fail.conf && systemctl daemon-reload`);
    const { code, out, err } = apply();
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^error: worldserver did not start: false, which is run before it, ended with status 1\n {2}the end of its journal:\n/,
      ),
    ]);
    expect(out.match(/^starting /gm)).toHaveLength(2);
    expect(machine.sh("systemctl is-active worldserver authserver || true")).toBe("failed\nactive");
    expect(look()).toEqual([]);
    machine.sh(`rm -r ${dropIn} && systemctl daemon-reload && systemctl stop authserver`);
    expect(applied(machine, "schema", args)).toContain("as it should be");
  });

  it("refuses to go back to a release that does not know what the databases have had", () => {
    candidate(
      "older",
      "rm sql/updates/auth/2026_06_02_00_auth.sql; sed -i 's/^date=.*/date=2026-01-01T00:00:00+00:00/' release.info",
    );
    const { code, err } = apply();
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/releases\/older is older than .*nothing was changed\n.*e\.g\. 2026_06_02_00_auth\.sql/),
    ]);
    expect(sql("SELECT COUNT(*) FROM auth.updates WHERE name = '2026_06_02_00_auth.sql'")).toBe("1");
    putBack();
  });

  it("joins a first import whose runner was killed, and does not do it again", () => {
    empty();
    putBack();
    machine.sh(
      `sed -i '300i DO SLEEP(5);' ${root}/work/worldserver/${tdbName}.sql; rm -f /var/lib/trinity-stack/schema`,
    );
    const imports = "journalctl -u trinity-schema -o cat | grep -c '^Started '";
    const began = machine.sh(`systemd-run --quiet --unit=runner bash ${stepCommand("schema", "schema", args)}
      until [ "$(mariadb -N -e 'SELECT COUNT(*) FROM world.creature_template' 2>/dev/null)" -gt 100 ] 2>/dev/null; do sleep 0.2; done
      systemctl kill -s KILL runner; ${imports}`);
    const out = applied(machine, "schema", args);
    expect(out).toContain(`joining the update of the databases that is running (releases/${release})`);
    expect(out).not.toContain("emptying");
    expect(machine.sh(imports)).toBe(began);
    expect(sql("SELECT COUNT(*) FROM world.creature_template")).toBe("600");
    expect(machine.sh("ls /var/lib/trinity-stack/importing 2>&1 || true")).toContain("No such file");
    expect(look()).toEqual([]);
    putBack();
  }, 60_000);

  it("does a first import anew that was cut off, and only then", () => {
    empty();
    const dump = `${root}/work/worldserver/${tdbName}.sql`;
    machine.sh(`sed -i '300i DO SLEEP(60);' ${dump}; rm /var/lib/trinity-stack/schema`);
    machine.sh(`systemd-run --quiet --unit=cut bash ${stepCommand("schema", "schema", args)}
      until [ "$(mariadb -N -e 'SELECT COUNT(*) FROM world.creature_template' 2>/dev/null)" -gt 100 ] 2>/dev/null; do sleep 0.2; done
      systemctl kill -s KILL cut trinity-schema
      while systemctl is-active --quiet trinity-schema; do sleep 0.2; done
      mariadb -N -e "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE user = 'trinity'" | mariadb`);
    expect(look()).toContain("the first import into the databases was cut off");
    // The slow dump is the one on record.
    machine.sh("rm /var/lib/trinity-stack/world-content");
    putBack();
    expect(applied(machine, "schema", args)).toMatch(
      /emptying the auth database.*\n(.*\n)*emptying the world database world, whose first import was cut off/,
    );
    expect(sql("SELECT COUNT(*) FROM world.creature_template; SELECT COUNT(*) FROM auth.account")).toBe("600\n0");
    expect(look()).toEqual([]);
  }, 60_000);

  it("never empties what has accounts, nor a database it did not begin to fill", () => {
    sql("INSERT INTO auth.account (username, salt, verifier) VALUES ('A', REPEAT('a', 32), REPEAT('b', 32))");
    machine.sh("echo 'auth auth' >/var/lib/trinity-stack/importing");
    expect(apply()).toMatchObject({ code: 1, err: expect.stringContaining("was cut off, but it holds 1 accounts") });
    machine.sh("rm /var/lib/trinity-stack/importing");
    sql("DROP DATABASE world; CREATE DATABASE world; CREATE TABLE world.photos (id int)");
    expect(apply()).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /world has tables, but not those of a world; nothing was changed\n.*databases\.world\.name/,
      ),
    });
    expect(sql("SHOW TABLES FROM world; SELECT COUNT(*) FROM auth.account")).toBe("photos\n1");
  });

  it("says what it misses before it touches anything", () => {
    sql("DROP DATABASE world; CREATE DATABASE world");
    machine.sh(`rm -f ${root}/work/worldserver/*.sql`);
    expect(apply().err).toContain(
      `the world database world is empty, and its content ${tdbName}.sql is not in ${root}/work/worldserver`,
    );
    sql("DROP DATABASE world");
    expect(look()).toContain("the world database world is missing");
    expect(apply().err).toContain("the world database world is missing");
    machine.sh("systemctl stop mariadb");
    expect(look()).toEqual(["blind: MariaDB does not answer, so the state of the databases cannot be read"]);
  });

  it("when it goes awaits an update that is running, and keeps the record of what the databases were updated for", () => {
    const record = machine.sh("cat /var/lib/trinity-stack/schema");
    machine.sh("systemd-run -q --unit=trinity-schema sleep 4");
    const { code, out } = machine.undo("schema");
    expect([code, out]).toEqual([0, expect.stringContaining("joining the update of the databases that is running")]);
    expect(machine.sh("systemctl is-active trinity-schema || true; cat /var/lib/trinity-stack/schema")).toBe(
      `inactive\n${record}`,
    );
  });
});
