import { createHash } from "node:crypto";
import { verifier } from "../../components/realm/srp6";
import { lab, type Machine, onMachine } from "./on-machine";

const socket = "/run/mysqld/mysqld.sock";
const where = { socket, database: "auth-server_1" };
const db = "`auth-server_1`";
const ids = "/var/lib/trinity-stack/accounts";

/** What the program makes for an account, with the same salt each time. */
const srp6 = (name: string, password: string, salt = createHash("sha256").update(name).digest()) => ({
  [`srp6.${Buffer.from(name).toString("hex")}`]: `${salt.toString("hex")} ${verifier(name, password, salt).toString("hex")}`,
});

/** As the core's own tables have them (sql/base/auth_database.sql), as far as they matter here. */
const schema = `CREATE DATABASE ${db} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; USE ${db};
  CREATE TABLE account (id int unsigned AUTO_INCREMENT PRIMARY KEY, username varchar(32) NOT NULL DEFAULT '', salt binary(32) NOT NULL,
    verifier binary(32) NOT NULL, email varchar(255) NOT NULL DEFAULT '', reg_mail varchar(255) NOT NULL DEFAULT '',
    joindate timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, expansion tinyint unsigned NOT NULL DEFAULT 2, UNIQUE KEY idx_username (username));
  CREATE TABLE account_access (AccountID int unsigned NOT NULL, SecurityLevel tinyint unsigned NOT NULL, RealmID int NOT NULL DEFAULT -1,
    Comment varchar(255), PRIMARY KEY (AccountID, RealmID));`;

lab.describe("the config's game accounts", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-accounts13", "baked");
    server.sh("systemctl start mariadb");
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  type Secrets = Record<string, string>;
  const boss = "Boss level=3 realm=-1 expansion=2 password=initial";
  const guide = "GUIDE level=1 realm=1 expansion=1 password=enforced email=GUIDE@EXAMPLE.NET";
  const secrets = { ...srp6("BOSS", "hunter2"), ...srp6("GUIDE", "hunter3") };
  const observe = (accounts: string[] = [boss, guide], given: Secrets = secrets) =>
    server.observe("accounts", "accounts", { ...where, accounts }, given);
  const apply = (accounts: string[] = [boss, guide], given: Secrets = secrets) =>
    server.apply("accounts", "accounts", { ...where, accounts }, given);
  const sql = (statement: string) => server.sh("mariadb -N -B auth-server_1", { stdin: statement });
  const rows = () =>
    sql(
      "SELECT username, expansion, email, IFNULL(GROUP_CONCAT(CONCAT(RealmID, ':', SecurityLevel) ORDER BY RealmID), 'none') FROM account LEFT JOIN account_access ON id = AccountID GROUP BY id ORDER BY id",
    ).split("\n");
  const password = (name: string) =>
    sql(`SELECT LOWER(CONCAT(HEX(salt), ' ', HEX(verifier))) FROM account WHERE username = '${name}'`);
  const made = (name: string, given: Secrets = secrets) => given[`srp6.${Buffer.from(name).toString("hex")}`];
  const asWanted = (accounts?: string[], given?: Secrets) => {
    expect(apply(accounts, given)).toMatchObject({ code: 0, err: "" });
    expect(observe(accounts, given)).toEqual([]);
  };

  it("cannot be looked at before the tables are as the core has them, and say so", () => {
    const unseen =
      "blind: the tables of accounts in auth-server_1 are not there yet as the core has them, so the accounts cannot be looked at";
    expect(observe()).toEqual([unseen]);
    // As the core had them until 2020.
    server.sh("mariadb", {
      stdin: `CREATE DATABASE ${db}; USE ${db}; CREATE TABLE account (id int unsigned AUTO_INCREMENT PRIMARY KEY, username varchar(32) NOT NULL,
        sha_pass_hash varchar(40) NOT NULL, email varchar(255) NOT NULL, expansion tinyint unsigned NOT NULL DEFAULT 2);
        CREATE TABLE account_access (id int unsigned PRIMARY KEY, gmlevel tinyint unsigned NOT NULL, RealmID int NOT NULL DEFAULT -1)`,
    });
    expect(observe()).toEqual([unseen]);
    expect(apply()).toMatchObject({
      code: 1,
      err: "error: the tables of accounts in auth-server_1 are not as the core has them: the login database is not up to date\n",
    });
    server.sh("mariadb", { stdin: `DROP DATABASE ${db}` });
  });

  it("are made with their levels, names in capitals; players' own accounts stay as they are", () => {
    server.sh("mariadb", { stdin: schema });
    sql(
      "INSERT INTO account VALUES (1, 'PLAYER', REPEAT('s', 32), REPEAT('v', 32), 'P@X', '', '2024-01-01', 0); INSERT INTO account_access VALUES (1, 2, -1, NULL)",
    );
    expect(observe()).toEqual(["there is no account BOSS", "there is no account GUIDE"]);
    asWanted();
    expect(rows()).toEqual(["PLAYER\t0\tP@X\t-1:2", "BOSS\t2\t\t-1:3", "GUIDE\t1\tGUIDE@EXAMPLE.NET\t1:1"]);
    for (const name of ["BOSS", "GUIDE"]) expect(password(name)).toBe(made(name));
    expect(apply().out).toBe("as it should be\n");
    expect(server.sh(`stat -c %a ${ids}; cat ${ids}`)).toBe("600\n2 BOSS\n3 GUIDE");
  });

  it.each([
    [
      "a level changed",
      "UPDATE account_access SET SecurityLevel = 1 WHERE AccountID = 2",
      ["the account BOSS has level 1 on all realms, should have level 3 on all realms"],
    ],
    [
      "a level taken",
      "DELETE FROM account_access WHERE AccountID = 2",
      ["the account BOSS has no level, should have level 3 on all realms"],
    ],
    [
      // The core asks the realm's own row first.
      "a realm's own level beside it",
      "INSERT INTO account_access VALUES (2, 0, 1, NULL), (3, 3, -1, NULL)",
      [
        "the account BOSS has level 3 on all realms and level 0 on realm 1, should have level 3 on all realms",
        "the account GUIDE has level 3 on all realms and level 1 on realm 1, should have level 1 on realm 1",
      ],
    ],
    [
      "an enforced password changed, and another mail address",
      "UPDATE account SET verifier = REPEAT('x', 32), email = 'me\\t@x' WHERE id = 3",
      [
        'the mail address of the account GUIDE is "me?@x", should be "GUIDE@EXAMPLE.NET"',
        "the password of the account GUIDE is not the config's",
      ],
    ],
    [
      "another expansion",
      "UPDATE account SET expansion = 0 WHERE id = 2",
      ["the account BOSS may play expansion 0, should be 2"],
    ],
    [
      "an account deleted",
      "DELETE FROM account WHERE id = 3; DELETE FROM account_access WHERE AccountID = 3",
      ["there is no account GUIDE"],
    ],
  ])("see %s, and put it right", (_, change, sentences) => {
    sql(change);
    expect(observe()).toEqual(sentences);
    asWanted();
    expect(rows()).toEqual(["PLAYER\t0\tP@X\t-1:2", "BOSS\t2\t\t-1:3", "GUIDE\t1\tGUIDE@EXAMPLE.NET\t1:1"]);
    expect(password("GUIDE")).toBe(made("GUIDE"));
  });

  it("keep an initial password that was changed in the game; another one in the config is told, and changes nothing", () => {
    sql("UPDATE account SET salt = REPEAT('y', 32) WHERE id = 2");
    const changed = password("BOSS");
    expect(observe()).toEqual([]);
    const other = { ...secrets, ...srp6("BOSS", "hunter9") };
    expect(observe([boss, guide], other)).toEqual([
      "hint: the account BOSS keeps the password that it has, which is not the config's; to change it: pulumi config set --path trinitycore:login.accounts.Boss.passwordIs enforced",
    ]);
    asWanted([boss, guide], other);
    expect(password("BOSS")).toBe(changed);
    const enforced = boss.replace("initial", "enforced");
    expect(observe([enforced, guide], other)).toEqual(["the password of the account BOSS is not the config's"]);
    asWanted([enforced, guide], other);
    expect(password("BOSS")).toBe(made("BOSS", other));
    asWanted();
  });

  describe("where somebody has the name", () => {
    const refused =
      "the account PLAYER is in auth-server_1 already, and not the stack's; take another name, or take it over: pulumi config set --path trinitycore:login.accounts.Player.adopt true";
    const player = "Player level=3 realm=-1 expansion=2 password=initial";
    const all = { ...secrets, ...srp6("PLAYER", "mine") };

    it("are refused, before anything is written, and also while their password is not made yet", () => {
      const before = rows();
      expect(observe([boss, guide, player], all)).toEqual([`refused: ${refused}`]);
      expect(observe([boss, guide, player])).toEqual([`refused: ${refused}`]);
      expect(
        apply(["New level=3 realm=-1 expansion=2 password=initial", player], { ...all, ...srp6("NEW", "x") }),
      ).toMatchObject({
        code: 1,
        err: `error: ${refused}\n  nothing was changed\n`,
      });
      expect(rows()).toEqual(before);
    });

    it("are taken over when told to, with the password that they have", () => {
      const before = password("PLAYER");
      const adopted = [boss, guide, `${player} adopt=true`];
      expect(observe(adopted, all)).toEqual([
        "the account PLAYER is not the stack's yet",
        "foretold: the account PLAYER, which is there already, becomes the stack's, with level 3 on all realms; its password stays as it is",
        "the account PLAYER has level 2 on all realms, should have level 3 on all realms",
        "the account PLAYER may play expansion 0, should be 2",
      ]);
      asWanted(adopted, all);
      expect(password("PLAYER")).toBe(before);
      // From then on it is the stack's, without that word.
      expect(observe([boss, guide, player], all)).toEqual([]);
      expect(apply([boss, guide, player], all).code).toBe(0);
    });

    it("lose their level, and nothing else, when they are taken out of the config", () => {
      expect(observe()).toEqual([
        "the account PLAYER is not in the config any more, and still has level 3 on all realms",
      ]);
      expect(apply()).toMatchObject({ code: 0, err: "", out: expect.stringContaining("removing level PLAYER\n") });
      expect(observe()).toEqual([]);
      expect(rows()[0]).toBe("PLAYER\t2\tP@X\tnone");
      // What it is given afterwards is the operator's affair.
      sql("INSERT INTO account_access VALUES (1, 1, -1, NULL)");
      expect(observe()).toEqual([]);
    });

    it("are not who made an account of that name after the stack's own was deleted", () => {
      sql(
        "DELETE FROM account WHERE id = 2; INSERT INTO account (username, salt, verifier) VALUES ('BOSS', REPEAT('s', 32), REPEAT('v', 32))",
      );
      expect(observe()).toEqual([expect.stringMatching(/^refused: the account BOSS is in auth-server_1 already/)]);
      sql("DELETE FROM account WHERE username = 'BOSS'");
      asWanted();
    });

    it("are not whom MariaDB alone takes for the same", () => {
      sql("INSERT INTO account (username, salt, verifier) VALUES ('RÉNE', REPEAT('s', 32), REPEAT('v', 32))");
      const found = observe([boss, guide, "Rene level=3 realm=-1 expansion=2 password=initial adopt=true"]);
      expect(found).toEqual([
        expect.stringMatching(/^refused: auth-server_1 has an account whose name MariaDB takes for RENE/),
      ]);
    });
  });

  it("are known by their salt when all of the stack's state is lost, and are put on record again", () => {
    server.sh("rm -r /var/lib/trinity-stack");
    expect(observe()).toEqual([
      "the account BOSS is the stack's, and is not on record as such",
      "the account GUIDE is the stack's, and is not on record as such",
    ]);
    asWanted();
    expect(server.sh(`wc -l <${ids}`)).toBe("2");
  });

  it("may have any name that the core takes; no part of it is run or read as anything else", () => {
    const names = ["O'BRIEN", "A\\'--", "$(ID)`ID`", "X]=1;%S", "*?[A-Z]", '"Q"#!'];
    const accounts = names.map((name) => `${name} level=1 realm=-1 expansion=2 password=enforced email=${name}@X`);
    const given = Object.assign({}, ...names.map((name) => srp6(name, name.toLowerCase())));
    asWanted([boss, guide, ...accounts], { ...secrets, ...given });
    expect(rows().slice(-names.length)).toEqual(
      names.map((name) => `${name}\t2\t${name}@X\t-1:1`.replaceAll("\\", "\\\\")),
    );
    sql("UPDATE account SET verifier = REPEAT('x', 32)");
    expect(observe([boss, guide, ...accounts], { ...secrets, ...given })).toEqual(
      ["GUIDE", ...names].map((name) => `the password of the account ${name} is not the config's`),
    );
    asWanted([boss, guide, ...accounts], { ...secrets, ...given });
    asWanted();
    expect(
      rows()
        .slice(-names.length)
        .every((row) => row.endsWith("\tnone")),
    ).toBe(true);
  });

  it("leave no salt and no verifier where others read", () => {
    const parts = Object.values(secrets).flatMap((text) => text.split(" "));
    const found = server.sh(
      `grep -rlaF -f - /var/lib/trinity-stack /run/trinity-stack /tmp /var/log 2>/dev/null | grep -v journal || true`,
      { stdin: parts.join("\n") },
    );
    expect(found).toBe("");
  });

  it("wait for a MariaDB that does not run, and keep their levels until it does", () => {
    server.sh("systemctl stop mariadb");
    expect(observe()).toEqual([`blind: MariaDB does not answer on ${socket}, so the accounts cannot be looked at`]);
    expect(server.undo("accounts")).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        "MariaDB does not answer on /run/mysqld/mysqld.sock, so the level of the account GUIDE cannot be taken",
      ),
    });
    server.sh("systemctl start mariadb");
    expect(observe()).toEqual([]);
  });

  it("stay when the stack goes, without their levels", () => {
    const before = rows().length;
    expect(server.undo("accounts")).toMatchObject({
      code: 0,
      out: "removing level GUIDE\nremoving level BOSS\nremoving file /var/lib/trinity-stack/accounts\nkept: the record of the accounts that are the stack's\nkept: the accounts BOSS and GUIDE, without a level\n",
    });
    expect(rows()).toHaveLength(before);
    expect(
      rows()
        .filter((row) => /^(BOSS|GUIDE)\t/.test(row))
        .map((row) => row.split("\t")[3]),
    ).toEqual(["none", "none"]);
  });

  it("are taken up again when it comes back, with the passwords that they have", () => {
    const before = password("BOSS");
    const others = { ...srp6("BOSS", "hunter8"), ...srp6("GUIDE", "hunter8") };
    expect(observe([boss, guide], others)).toEqual([
      "the account BOSS has no level, should have level 3 on all realms",
      "hint: the account BOSS keeps the password that it has, which is not the config's; to change it: pulumi config set --path trinitycore:login.accounts.Boss.passwordIs enforced",
      "the account GUIDE has no level, should have level 1 on realm 1",
      "the password of the account GUIDE is not the config's",
    ]);
    asWanted([boss, guide], others);
    expect([password("BOSS"), password("GUIDE")]).toEqual([before, made("GUIDE", others)]);
  });
});
