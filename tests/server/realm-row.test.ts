import { lab, type Machine, onMachine } from "./on-machine";

const args = {
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
    expect(observe()).toEqual(["? there is no table auth-server_1.realmlist yet, so the realm row cannot be read"]);
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

  it("refuses a name that another realm has", () => {
    expect(apply({ name: "Other" })).toMatchObject({
      code: 1,
      err: expect.stringContaining('error: realm 2 in auth-server_1.realmlist is already named "Other"'),
    });
    expect(sql(`SELECT address FROM ${table} WHERE id = 2`)).toBe("other.example.net");
  });

  it("stays when the stack goes", () => {
    expect(apply().code).toBe(0);
    expect(server.undo("realm-row").code).toBe(0);
    expect(sql(`SELECT COUNT(*) FROM ${table}`)).toBe("2");
  });

  it("cannot be read while MariaDB is down, and says so", () => {
    server.sh("systemctl stop mariadb");
    expect(observe()).toEqual([
      "? MariaDB does not answer on /run/mysqld/mysqld.sock, so the realm row cannot be read",
    ]);
  });
});
