/** What hurts in the core hurts in the lab's stand-in too: one test per trap, by its number in the list of facts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../lab/machine";
import { coreMachine, PASSWORD, told } from "./core-machine";
import { lab } from "./on-machine";

jest.setTimeout(120_000);
let machine: Machine;
const says = (script: string) => told(machine, script);

beforeAll(async () => {
  machine = await coreMachine("core-traps");
}, 300_000);
afterAll(async () => machine?.destroy());

lab.describe("the databases", () => {
  it("3: asks on a terminal whether to create a database, and waits for ever", async () => {
    const run =
      "TC_UPDATES_ENABLE_DATABASES=1 /opt/run/bin/authserver -c /opt/run/etc/authserver.conf.dist --cd /opt/w/authserver.d -u";
    const onTerminal = await says(
      `fresh; sleep 4 | timeout 3 script -qec '${run}' /dev/null; echo "$\{PIPESTATUS[1]}"; query "SHOW DATABASES LIKE 'auth'"`,
    );
    expect(onTerminal).toMatch(/do you want to create it\?.*124$/s);
    expect(await says(`${run} </dev/null >/dev/null 2>&1; echo $?; query "SHOW DATABASES LIKE 'auth'"`)).toBe(
      "0\nauth",
    );
  });

  it("4: looks for the world dump in the working directory alone", async () => {
    const without = await says(
      'fresh; mv TDB* /opt/run/bin/; server worldserver -u >/dev/null; echo $?; query "SHOW TABLES IN world"; query "SELECT name FROM auth.realmlist"',
    );
    expect(without).toContain('File "TDB_full_world_335.25101_2025_10_21.sql" is missing');
    expect(without).toMatch(/Could not populate the World database.*\n1\nTrinity$/);
    expect(
      await says(
        "mv /opt/run/bin/TDB* .; server worldserver -u >/dev/null; echo $?; query 'SELECT db_version FROM world.version'",
      ),
    ).toBe("0\nTDB 335.25101");
  });

  it("5: takes half a world dump for a whole one, for ever", async () => {
    const count = "query 'SELECT COUNT(*) FROM world.creature_template'";
    const cut =
      await says(`fresh; head -n 300 "$tdb" >"$(basename "$tdb")"; server worldserver -u >/dev/null 2>&1; echo $?
      cp "$tdb" .; server worldserver -u >/dev/null 2>&1; echo $?; ${count}`);
    const [first, second, creatures] = cut.split("\n");
    expect([first, second]).toEqual(["139", "139"]);
    expect(Number(creatures)).toBeLessThan(300);
    expect(await says(`query 'DROP DATABASE world'; server worldserver -u >/dev/null 2>&1; echo $?; ${count}`)).toBe(
      "0\n600",
    );
  });

  it("6: authserver -u does nothing as shipped", async () => {
    const applied = `query "SELECT COUNT(*) FROM auth.updates WHERE state = 'RELEASED'"`;
    expect(
      await says(
        `fresh; query 'CREATE DATABASE auth'; mysql auth </opt/src/sql/base/auth_database.sql; server authserver -u >/dev/null; echo $?; ${applied}`,
      ),
    ).toBe("0\n0");
    expect(await says(`TC_UPDATES_ENABLE_DATABASES=1 server authserver -u >/dev/null; echo $?; ${applied}`)).toBe(
      "0\n2",
    );
  });

  it("7: forgets a socket that is not the default one after the first connection", async () => {
    const run =
      await says(`filled; fresh '.;/run/mysqld/other.sock'; mysql -e 'CREATE DATABASE auth'; mysql auth </opt/src/sql/base/auth_database.sql
      mv /run/mysqld/mysqld.sock /run/mysqld/other.sock
      server authserver -u >/dev/null; echo "custom $?"
      MYSQL_UNIX_PORT=/run/mysqld/other.sock server authserver -u >/dev/null; echo "with its variable $?"
      mv /run/mysqld/other.sock /run/mysqld/mysqld.sock`);
    expect(run).toContain("Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)");
    expect(run).toMatch(/custom 1\nwith its variable 0$/);
  });

  it("15: knows only the sources it was built from, and forgets updates that other sources lack", async () => {
    const moved = await says(
      "filled; mv /opt/src /opt/moved; server worldserver -u >/dev/null; echo $?; TC_SOURCE_DIRECTORY=/opt/moved server worldserver -u >/dev/null; echo $?; mv /opt/moved /opt/src",
    );
    expect(moved).toMatch(/The given source directory \/opt\/src does not exist.*\n.*\n1\n0$/);
    const older =
      await says(`cp -r /opt/src older; rm older/sql/updates/characters/*; TC_SOURCE_DIRECTORY=/opt/w/older server worldserver -u >/dev/null 2>&1; echo $?
      query "SELECT COUNT(*) FROM characters.updates WHERE state = 'RELEASED'"; server worldserver -u 2>&1 | grep -o 'Duplicate column name'`);
    expect(older).toBe("0\n0\nDuplicate column name");
  });

  it("17: an exchanged TOTP secret without the old one is a crash, at every start", async () => {
    const secret = "SELECT HEX(totp_secret) FROM auth.account";
    const plain = "31".repeat(20);
    const first =
      await says(`filled; query "INSERT INTO auth.account (username, salt, verifier, totp_secret) VALUES ('A', '', '', REPEAT('1', 20))"
      export TC_TOTPMASTER_SECRET=000102030405060708090A0B0C0D0E0F; up authserver 3724; down; query '${secret}'`);
    expect(first).toMatch(/^ended 0\n[0-9A-F]{88}$/);
    expect(first).not.toContain(plain);
    const next = "export TC_TOTPMASTER_SECRET=0F";
    expect(await says(`${next}; for i in 1 2; do server authserver >/dev/null; echo $?; done`)).toMatch(
      /add config key 'TOTPOldMasterSecret'.*139.*139$/s,
    );
    expect(
      await says(`${next}; export TC_TOTPOLD_MASTER_SECRET=000102030405060708090A0B0C0D0E0F; up authserver 3724; down`),
    ).toBe("ended 0");
    // Empty again: the old value is asked for once more, and what comes out is what went in.
    expect(
      await says(
        `export TC_TOTPMASTER_SECRET= TC_TOTPOLD_MASTER_SECRET=0F; up authserver 3724; down; query '${secret}'`,
      ),
    ).toBe(`ended 0\n${plain}`);
  });

  it("shows the password on the command line of every mysql it runs", async () => {
    const wrapper = `printf '#!/bin/sh\\nps -o args= -p $$ >>/opt/w/seen\\nexec mysql "$@"\\n' >mysql; chmod +x mysql; export TC_MY_SQLEXECUTABLE=/opt/w/mysql`;
    expect(
      await says(
        `fresh; ${wrapper}; server worldserver -u >/dev/null 2>&1; grep -c -e -p${PASSWORD} seen; grep -vc -e -p${PASSWORD} seen`,
      ),
    ).toMatch(/^1[0-9]\n0$/);
    // A user that logs in by who it is needs none.
    const bySocket =
      "TC_LOGIN_DATABASE_INFO='.;/run/mysqld/mysqld.sock;root;;auth' TC_UPDATES_ENABLE_DATABASES=1 server authserver -u >/dev/null 2>&1";
    expect(await says(`fresh; ${wrapper}; ${bySocket}; echo $?; grep -c -e ' -p' seen`)).toBe("0\n0");
  });

  it("both servers run with the rights that the stack gives them, and miss no other", async () => {
    const source = readFileSync(join(__dirname, "../../server/lib/accounts.sh"), "utf8");
    const rights = [...source.matchAll(/\[(auth|characters|world)\]="([A-Z, ]+)"/g)].map(([, role, text]) => [
      role,
      text,
    ]);
    expect(rights.map(([role]) => role)).toEqual(["auth", "characters", "world"]);
    const given = rights.map(([role, text]) => `GRANT ${text} ON ${role}.* TO trinity@localhost;`).join(" ");
    const run = `up worldserver 8085; sleep 1; down; cat logs/*.log out | grep -o '\\[114[0-9]\\].*' | sort -u; up authserver 3724; sleep 1; down; cat out | grep -o '\\[114[0-9]\\].*'`;
    const only = `filled; query "REVOKE ALL PRIVILEGES, GRANT OPTION FROM trinity@localhost; ${given}"`;
    expect(await says(`${only}; ${run}`)).toBe("ended 0\nended 0");
    expect(await says(`query "REVOKE DROP ON characters.* FROM trinity@localhost"; ${run}`)).toContain(
      "[1142] DROP command denied",
    );
  });

  it("19: worldserver -u clears the online flags and writes its version", async () => {
    const set = `INSERT INTO auth.account (id, username, salt, verifier, online) VALUES (9, 'A', '', '', 1); INSERT INTO auth.realmcharacters VALUES (1, 9, 1);
      INSERT INTO characters.characters (guid, account, name, online) VALUES (1, 9, 'Anna', 1); INSERT INTO characters.character_battleground_data VALUES (1, 7); UPDATE world.version SET core_revision = 'x'`;
    const get =
      "SELECT a.online, c.online, b.instanceId, v.core_revision = 'x' FROM auth.account a, characters.characters c, characters.character_battleground_data b, world.version v";
    expect(await says(`filled; query "${set}"; query "${get}"; server worldserver -u >/dev/null; query "${get}"`)).toBe(
      "1\t1\t7\t1\n0\t0\t0\t0",
    );
  });
});

lab.describe("the process", () => {
  it("9: dies of a locale that is not there, even for --version", async () => {
    const run = (program: string) => `LC_ALL=xx_XX.UTF-8 /opt/run/bin/${program} >/dev/null; echo $?`;
    const all = ["worldserver --version", "authserver --version", "mapextractor"].map(run).join("; ");
    expect(await says(`exec 2>/dev/null; ${all}`)).toBe("139\n139\n134");
  });

  it("10: prints its prompt without end when there is no terminal", async () => {
    const prompts = "grep -ao 'TC> ' out | wc -l";
    const run = `export TC_CONSOLE_ENABLE=1; up worldserver 8085; big() { (($(stat -c %s out) > 200000)); }; until_true 10 big; down KILL`;
    expect(Number(await says(`filled; { ${run}; } >/dev/null 2>&1; ${prompts}`))).toBeGreaterThan(30_000);
    expect(await says(`up worldserver 8085; down; ${prompts}`)).toBe("ended 0\n0");
  });

  it("11: says nothing on a pipe until 4 KiB or the end, while the file has it all", async () => {
    expect(
      await says(
        "filled; up worldserver 8085; grep -c ready... logs/Server.log; wc -c <out; down; grep -c ready... out",
      ),
    ).toBe("1\n0\nended 0\n1");
  });

  it("12: settings: no inline comments, a section or nothing, no empty file, no key twice, folder order", async () => {
    expect(
      await says(
        "filled; add worldserver 'PidFile = /opt/w/pid # here'; server worldserver -u >/dev/null; ls | grep pid",
      ),
    ).toBe("pid # here");
    expect(
      await says(
        "fresh; printf 'RealmID = 0\\n' >worldserver.d/no-section.conf; server worldserver -u >/dev/null 2>&1; echo $?",
      ),
    ).toBe("0");
    expect(await says("fresh; : >worldserver.d/empty.conf; server worldserver -u; echo $?")).toMatch(
      /Error in config file: .*empty.conf.*\n1$/,
    );
    expect(await says("fresh; add worldserver 'DataDir = /a'; server worldserver -u; echo $?")).toMatch(
      /Error in config file: duplicate key name.*\n1$/,
    );
    const order = (
      names: string,
    ) => `rm -rf /dev/shm/d; mkdir /dev/shm/d; for n in ${names}; do printf '[x]\\nPidFile = /opt/w/pid-%s\\n' $n >/dev/shm/d/$n.conf; done
      /opt/run/bin/authserver -c /opt/run/etc/authserver.conf.dist --cd /dev/shm/d -u </dev/null 2>&1 | sed -n 's,Loaded additional config file .*/\\(.\\).conf,\\1,p' | paste -sd ' '
      ls -U /dev/shm/d | cut -c 1 | paste -sd ' '; ls -d pid-* ; rm pid-*`;
    for (const names of ["a b c", "c b a"]) {
      const [loaded, folder, winner] = (await says(order(names))).split("\n");
      expect(loaded).toBe(folder);
      expect(winner).toBe(`pid-${folder?.at(-1)}`);
    }
    expect(await says(`fresh; { ${order("a b c")}; } | head -n 1; { ${order("c b a")}; } | head -n 1`)).toMatch(
      /b a|c b|a c/,
    );
  });

  // Told once for each database.
  it("reads a number as a stream does: with blanks, not in quotes, not with a comma or in hexadecimal", async () => {
    const bad = (value: string) =>
      `fresh; add worldserver 'Updates.CleanDeadRefMaxCount = ${value}'; server worldserver -u 2>&1 | grep -c 'Bad value defined for name .Updates.CleanDead'`;
    const values = ["2 ", "+2", "007", '"2"', "2,5", "2.5", "0x2", "2f", ""];
    expect((await says(`${values.map(bad).join("\n")}; true`)).split("\n")).toEqual([..."000333333"]);
  });

  it("18: writes icon, timezone and flag of its realm itself", async () => {
    const row = "row() { query 'SELECT icon, timezone, flag FROM auth.realmlist'; }; flag() { row | grep -q $1'$'; };";
    const flags = await says(`${row} filled; query 'UPDATE auth.realmlist SET icon = 6, timezone = 8, flag = 0'
      add worldserver 'GameType = 1' 'RealmZone = 2'; export TC_STANDIN_LOAD_SECONDS=2
      server worldserver >/dev/null & until_true 10 flag 2; row; until_true 10 flag 0; row; kill $(pidof worldserver); wait; row`);
    expect(flags).toBe("6\t8\t2\n1\t2\t0\n1\t2\t2");
    // A crash leaves the realm online.
    expect(await says(`${row} exec 2>/dev/null; up worldserver 8085; down KILL; row`)).toBe("ended 137\n1\t2\t0");
  });
});

lab.describe("the switches and tools", () => {
  it("does not configure without its submodule", async () => {
    const run = "git clone -q /opt/repo/core.git bare; cmake -S bare -B bare-build | tail -n 1";
    expect(await says(`fresh; ${run}`)).toContain("submodules of this repository were not fetched");
  });

  it("fails a build and a start when told to", async () => {
    const build = "cmake -DSTANDIN_FAIL_BUILD=1 /opt/build >/dev/null; ninja -C /opt/build; echo $?";
    expect(await says(build)).toMatch(/This build was told to fail.*\n1$/s);
    expect(await says("filled; TC_STANDIN_FAIL_START=1 server worldserver; echo $?")).toMatch(/Told to fail.*\n1$/s);
  });

  it("takes a failing update for applied, as MariaDB's client goes on and says 0, unless that client is told to stop", async () => {
    const bad = "2026_08_01_00_world.sql";
    const migrate = `filled; mkdir sql; cp -r /opt/src/sql .; echo 'ALTER TABLE nothing DROP x;' >sql/updates/world/${bad}
      TC_SOURCE_DIRECTORY=/opt/w server worldserver -u >/dev/null; echo $?; query "SELECT name FROM world.updates WHERE name = '${bad}'"`;
    expect(await says(migrate)).toMatch(/'world.nothing' doesn't exist\n0\n2026_08_01_00_world.sql$/);
    const strict =
      "printf '#!/bin/sh\\nexec mysql --abort-source-on-error \"$@\"\\n' >/opt/strict; chmod +x /opt/strict; export TC_MY_SQLEXECUTABLE=/opt/strict";
    expect(await says(`${strict}; ${migrate}`)).toMatch(/Applying of file '.*' to database 'world' failed.*\n1$/s);
  });

  it("extracts game data that the worldserver starts with", async () => {
    const extract = `B=/opt/run/bin; /opt/core/make-client.sh client; $B/mapextractor -i client -o data -f 0; cd data
      $B/vmap4extractor -l -d ../client/Data; $B/vmap4assembler Buildings vmaps; $B/mmaps_generator --silent --threads 2 --bigBaseUnit true; cd ..`;
    const start = "TC_DATA_DIR=/opt/w/data up worldserver 8085; down";
    expect(await says(`filled; { ${extract}; } >/dev/null; ls data; ${start}`)).toBe(
      "Buildings\nCameras\ndbc\nmaps\nmmaps\nvmaps\nended 0",
    );
    const none = "TC_DATA_DIR=/opt/w server worldserver >/dev/null; echo $?";
    expect(await says(none)).toMatch(/Map file '\/opt\/w\/maps\/0004331.map' does not exist!.*\n1$/s);
  });

  it("16: takes a folder without a client for a success", async () => {
    expect(await says("mkdir -p none; /opt/run/bin/mapextractor -i none -o none; echo $?; ls none")).toBe(
      "No locales detected\n0",
    );
  });
});
