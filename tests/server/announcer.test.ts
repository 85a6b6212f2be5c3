import { createHash } from "node:crypto";
import { verifier } from "../../components/realm/srp6";
import { lab, type Machine, onMachine } from "./on-machine";

const account = "TRINITYSTACK";
const args = {
  ...{ socket: "/run/mysqld/mysqld.sock", database: "auth", account, url: "http://127.0.0.1:7878/" },
  login: "/etc/trinity-stack/announcer",
};
const salt = createHash("sha256").update("salt").digest();
const secrets = {
  password: "Abc123def456Ghij",
  salt: salt.toString("hex"),
  verifier: verifier(account, "Abc123def456Ghij", salt).toString("hex"),
};

lab.describe("the stack's own game account", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-announcer", "baked");
    // As the core's own tables have them, as far as they matter here.
    server.sh("systemctl start mariadb; mariadb", {
      stdin: `CREATE DATABASE auth; USE auth;
        CREATE TABLE account (id int unsigned AUTO_INCREMENT PRIMARY KEY, username varchar(32) NOT NULL UNIQUE, salt binary(32) NOT NULL,
          verifier binary(32) NOT NULL, joindate timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          last_ip varchar(15) NOT NULL DEFAULT '127.0.0.1', locked tinyint unsigned NOT NULL DEFAULT 0);
        CREATE TABLE account_access (AccountID int unsigned, SecurityLevel tinyint unsigned, RealmID int, Comment varchar(255), PRIMARY KEY (AccountID, RealmID));`,
    });
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = () => server.observe("announcer", "announcer", args, secrets);
  const apply = () => server.apply("announcer", "announcer", args, secrets);
  const sql = (statement: string) => server.sh("mariadb -N -B auth", { stdin: statement });
  const lock = () => sql(`SELECT locked, last_ip FROM account WHERE username = '${account}'`);

  it("is locked to the server itself, so that nobody plays with it from elsewhere", () => {
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(lock()).toBe("1\t127.0.0.1");
    expect(observe()).toEqual([]);
  });

  it.each([
    ["unlocked", "locked = 0"],
    ["locked to another address", "last_ip = '203.0.113.5'"],
  ])("is locked again where it is found %s", (_, change) => {
    sql(`UPDATE account SET ${change}`);
    expect(observe()).toEqual([
      `the account ${account} is not locked to 127.0.0.1, so whoever knows its password can log in to the game from elsewhere`,
    ]);
    expect(apply().code).toBe(0);
    expect(lock()).toBe("1\t127.0.0.1");
  });
});
