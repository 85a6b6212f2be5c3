import { lab, type Machine, onMachine } from "./on-machine";

const args = {
  "realm.key": "wotlk",
  socket: "/run/mysqld/mysqld.sock",
  database: "auth-server_1",
  id: 1,
  name: `RoE's "best" \\ größer ☃`,
  address: "wow.example.net",
  localAddress: "192.168.1.9",
  localSubnetMask: "255.255.255.0",
  port: 8085,
  allowedSecurityLevel: 0,
  gamebuild: 12340,
};
const table = "`auth-server_1`.realmlist";

/** The core's own table. */
const schema = `CREATE DATABASE \`auth-server_1\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
  CREATE TABLE ${table} (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(32) NOT NULL DEFAULT '', address VARCHAR(255) NOT NULL DEFAULT '127.0.0.1',
    localAddress VARCHAR(255) NOT NULL DEFAULT '127.0.0.1', localSubnetMask VARCHAR(255) NOT NULL DEFAULT '255.255.255.0',
    port SMALLINT UNSIGNED NOT NULL DEFAULT 8085, icon TINYINT UNSIGNED NOT NULL DEFAULT 0, flag TINYINT UNSIGNED NOT NULL DEFAULT 2,
    timezone TINYINT UNSIGNED NOT NULL DEFAULT 0, allowedSecurityLevel TINYINT UNSIGNED NOT NULL DEFAULT 0, population FLOAT UNSIGNED NOT NULL DEFAULT 0,
    gamebuild INT UNSIGNED NOT NULL DEFAULT 12340, UNIQUE KEY idx_name (name));
  INSERT INTO ${table} VALUES (1, 'Trinity', '127.0.0.1', '127.0.0.1', '255.255.255.0', 8085, 1, 0, 8, 0, 0.5, 12340);`;

lab.describe("the realm's row", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-row", "baked");
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = (more = {}) => server.observe("realm-row", "realm-row", { ...args, ...more });
  const apply = (more = {}) => server.apply("realm-row", "realm-row", { ...args, ...more });
  const sql = (statement: string) =>
    server.sh("mariadb --default-character-set=utf8mb4 -N -B -r", { stdin: statement });

  it("cannot be read before there is a table, and says so", () => {
    expect(observe()).toEqual([
      "blind: there is no table auth-server_1.realmlist yet, so the realm row cannot be read",
    ]);
    expect(apply()).toMatchObject({
      code: 1,
      err: "error: there is no table auth-server_1.realmlist: the login database has no schema yet\n",
    });
  });

  it("gets its columns, byte for byte, and keeps the worldserver's", () => {
    sql(schema);
    expect(observe()).toEqual([
      `the realm's name is "Trinity", should be "${args.name}"`,
      `the realm's address is "127.0.0.1", should be "wow.example.net"`,
      `the realm's localAddress is "127.0.0.1", should be "192.168.1.9"`,
    ]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
    expect(apply().out).toBe("as it should be\n");
    expect(sql(`SELECT * FROM ${table}`)).toBe(
      `1\t${args.name}\twow.example.net\t192.168.1.9\t255.255.255.0\t8085\t1\t0\t8\t0\t0.5\t12340`,
    );
  });

  it.each([
    [
      "name = 'roe''s \"best\" \\\\ größer ☃'",
      `the realm's name is "roe's "best" \\ größer ☃", should be "${args.name}"`,
    ],
    ["address = 'x\\ny\\tz'", `the realm's address is "x?y?z", should be "wow.example.net"`],
    [
      "localAddress = '', localSubnetMask = '255.0.0.0 '",
      [
        `the realm's localAddress is "", should be "192.168.1.9"`,
        `the realm's localSubnetMask is "255.0.0.0 ", should be "255.255.255.0"`,
      ],
    ],
    [
      "port = 9999, allowedSecurityLevel = 3, gamebuild = 1",
      [
        "the realm's port is 9999, should be 8085",
        "the realm's allowedSecurityLevel is 3, should be 0",
        "the realm's gamebuild is 1, should be 12340",
      ],
    ],
    ["icon = 6, flag = 2, timezone = 1, population = 2", []],
  ])("sees %s, and puts it right", (change, sentences) => {
    sql(`UPDATE ${table} SET ${change}`);
    expect(observe()).toEqual([sentences].flat());
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(observe()).toEqual([]);
  });

  it("is made when it is gone, and leaves other realms alone", () => {
    sql(
      `INSERT INTO ${table} (id, name, address) VALUES (2, 'Other', 'other.example.net'); DELETE FROM ${table} WHERE id = 1`,
    );
    expect(observe()).toEqual(["auth-server_1.realmlist has no row 1 for this realm"]);
    expect(apply().code).toBe(0);
    expect(sql(`SELECT id, name, flag FROM ${table} ORDER BY id`)).toBe(`1\t${args.name}\t2\n2\tOther\t2`);
  });

  it("refuses a name that another realm has, in any writing", () => {
    const refused = (name: string) =>
      `realm 2 in auth-server_1.realmlist is already named "${name}", and two realms cannot have one name; change trinitycore:realms.wotlk.name, or trinitycore:realms.wotlk.id if that row is this realm's`;
    expect(observe({ name: "other" })[0]).toBe(`refused: ${refused("other")}`);
    expect(apply({ name: "Other" })).toMatchObject({
      code: 1,
      err: `error: ${refused("Other")}\n  nothing was changed\n`,
    });
    expect(sql(`SELECT address FROM ${table} WHERE id = 2`)).toBe("other.example.net");
  });

  describe("under another number", () => {
    const ties = "`auth-server_1`.account_access";
    beforeAll(() => {
      sql(`CREATE TABLE ${ties} (AccountID INT UNSIGNED NOT NULL, SecurityLevel TINYINT UNSIGNED NOT NULL, RealmID INT NOT NULL DEFAULT -1, PRIMARY KEY (AccountID, RealmID));
        INSERT INTO ${ties} VALUES (1, 3, 1), (2, 2, -1), (3, 3, 2);
        CREATE TABLE \`auth-server_1\`.uptime (realmid INT UNSIGNED NOT NULL);
        CREATE TABLE \`auth-server_1\`.realmcharacters (realmid INT UNSIGNED NOT NULL, acctid INT UNSIGNED NOT NULL, numchars TINYINT UNSIGNED NOT NULL, PRIMARY KEY (realmid, acctid));
        INSERT INTO \`auth-server_1\`.realmcharacters VALUES (1, 1, 2);`);
    });

    it("is refused where that is another realm's", () => {
      const refused = `row 2 of auth-server_1.realmlist is another realm's, "Other" (other.example.net); choose another trinitycore:realms.wotlk.id, or delete that row if it is nobody's`;
      expect(observe({ id: 2 })).toContain(`refused: ${refused}`);
      expect(apply({ id: 2 })).toMatchObject({ code: 1, err: `error: ${refused}\n  nothing was changed\n` });
    });

    it("takes along what belongs to it, and leaves no dead realm behind", () => {
      sql(`UPDATE ${table} SET icon = 6, flag = 0 WHERE id = 1`);
      expect(observe({ id: 7 })).toEqual([
        "the realm is row 1 of auth-server_1.realmlist, should be row 7: levels, rights and character counts that accounts have there go with it",
      ]);
      expect(apply({ id: 7 })).toMatchObject({ code: 0, err: "" });
      expect(sql(`SELECT id, name, icon, flag FROM ${table} ORDER BY id`)).toBe(
        `2\tOther\t0\t2\n7\t${args.name}\t6\t0`,
      );
      expect(sql(`SELECT * FROM ${ties} ORDER BY AccountID; SELECT * FROM \`auth-server_1\`.realmcharacters`)).toBe(
        "1\t3\t7\n2\t2\t-1\n3\t3\t2\n7\t1\t2",
      );
      expect(observe({ id: 7 })).toEqual([]);
    });

    it("takes the number, and the name, of the core's base dump, which are nobody's", () => {
      const base = `INSERT INTO ${table} VALUES (1, 'Trinity', '127.0.0.1', '127.0.0.1', '255.255.255.0', 8085, 0, 2, 1, 0, 0, 12340)`;
      sql(base);
      expect(observe({ id: 7 })).toEqual([
        `the realm of the core's base dump, "Trinity" at 127.0.0.1, which is nobody's, is in the players' list too`,
      ]);
      expect(observe({ id: 1 }).filter((line) => line.startsWith("refused: "))).toEqual([]);
      expect(apply({ id: 7, name: "Trinity" })).toMatchObject({ code: 0, err: "" });
      expect(sql(`SELECT id, name FROM ${table} ORDER BY id`)).toBe("2\tOther\n7\tTrinity");
      expect(apply({ id: 7 }).code).toBe(0);
      sql(base);
      expect(apply({ id: 1 })).toMatchObject({ code: 0, err: "" });
      expect(sql(`SELECT id, name FROM ${table} ORDER BY id`)).toBe(`1\t${args.name}\n2\tOther`);
    });

    it("leaves a realm Trinity alone that somebody has used", () => {
      expect(apply({ id: 7 }).code).toBe(0);
      sql(`INSERT INTO ${table} (id, name) VALUES (1, 'Trinity'); INSERT INTO \`auth-server_1\`.uptime VALUES (1)`);
      expect(observe({ id: 7 })).toEqual([]);
      expect(observe({ id: 7, name: "Trinity" })[0]).toContain(
        'refused: realm 1 in auth-server_1.realmlist is already named "Trinity"',
      );
      sql(`DELETE FROM ${table} WHERE id = 1; DELETE FROM \`auth-server_1\`.uptime`);
      expect(apply().code).toBe(0);
    });
  });

  it("stays when the stack goes", () => {
    expect(apply().code).toBe(0);
    expect(server.undo("realm-row").code).toBe(0);
    expect(sql(`SELECT COUNT(*) FROM ${table}`)).toBe("2");
  });

  it("cannot be read while MariaDB is down, and says so", () => {
    server.sh("systemctl stop mariadb");
    expect(observe()).toEqual([
      "blind: MariaDB does not answer on /run/mysqld/mysqld.sock, so the realm row cannot be read",
    ]);
  });
});
