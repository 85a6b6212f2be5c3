/** `server/actions/account.sh`, against MariaDB with the tables of the lab's core, which are the real one's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accountAction, type Change, type Details, passwordLine } from "../../actions/account";
import { quote } from "../../ssh/shell";
import { load } from "../unit/settings/source";
import { lab, type Machine, onMachine, type Ran } from "./on-machine";

const script = "/usr/local/libexec/trinity-stack/current/actions/account.sh";
const state = "/var/lib/trinity-stack";
const settings = load({});
const tables = readFileSync(join(__dirname, "../lab/core/sql/base/auth_database.sql"), "utf8");
const password = (name: string) => passwordLine(name, "Hunter2", Buffer.alloc(32, 5));
const [salt = "", verifier = ""] = password("BOB").trim().split(" ");

lab.describe("game accounts, changed by hand", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-acc-verbs", "baked");
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const act = (verb: Change | "list", name = "", details: Details = {}, stdin = ""): Ran => {
    const { told } = accountAction(settings, "test/stack", verb, name, details);
    const words = Object.entries(told).map(([key, value]) => quote(`${key}=${value}`));
    return server.exec(`bash ${script} ${words.join(" ")}`, { stdin });
  };
  const acts = (...args: Parameters<typeof act>): string => {
    const { code, out, err } = act(...args);
    expect([code, err]).toEqual([0, ""]);
    return out;
  };
  const sql = (statement: string) => server.sh("mariadb -N -B authserver", { stdin: statement });

  it.each([
    [
      "nothing of the stack is there",
      "true",
      /^error: nothing of the stack is on this host yet, or it does not know whose it is\n/,
    ],
    [
      "another stack has the host",
      `mkdir -p ${state} && printf other/one >${state}/owner`,
      /^error: this host belongs to the stack other\/one, not to test\/stack\n/,
    ],
    [
      "MariaDB is not set up",
      `printf test/stack >${state}/owner`,
      /^error: MariaDB is not set up on this host yet\n {2}run `pulumi up` first\n$/,
    ],
    [
      "MariaDB is down",
      `mkdir -p ${state}/receipts/mariadb && printf 'socket=/run/mysqld/mysqld.sock\\0' >${state}/receipts/mariadb/args; systemctl stop mariadb`,
      /^error: MariaDB does not answer on \/run\/mysqld\/mysqld\.sock\n {2}start it: systemctl start mariadb\n$/,
    ],
    [
      "there are no tables",
      "systemctl start mariadb",
      /^error: the tables of accounts in authserver are not there yet\n {2}run `pulumi up` first\n$/,
    ],
  ])("are told to be out of reach where %s", (_, prepare, says) => {
    server.sh(prepare);
    for (const [verb, name] of [["list"], ["ban", "BOB"]] as const) {
      const { code, out, err } = act(verb, name, { seconds: 60, reason: "x" });
      expect([code, out]).toEqual([1, ""]);
      expect(err).toMatch(says);
    }
  });

  it("are made as the core makes them, and nothing of the password is in MariaDB's logs", () => {
    server.sh("mariadb", {
      stdin: `CREATE DATABASE authserver CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; USE authserver; ${tables}
        INSERT INTO realmlist (id, name) VALUES (4, 'Other');
        CREATE DATABASE characters; CREATE TABLE characters.characters (guid int PRIMARY KEY, account int, name varchar(12), online tinyint);
        SET GLOBAL general_log_file = '/var/lib/mysql/all.log', general_log = 1;`,
    });
    expect(acts("create", "BOB", { email: "BOB@EXAMPLE.NET" }, password("BOB"))).toBe("done \n");
    expect(
      sql(
        "SELECT LOWER(HEX(salt)), LOWER(HEX(verifier)), email, reg_mail, expansion, locked, joindate > NOW() - INTERVAL 1 MINUTE FROM account WHERE username = 'BOB'",
      ),
    ).toBe(`${salt}\t${verifier}\tBOB@EXAMPLE.NET\tBOB@EXAMPLE.NET\t2\t0\t1`);
    expect(sql("SELECT realmid, acctid, numchars FROM realmcharacters ORDER BY realmid")).toBe("1\t1\t0\n4\t1\t0");
    const log = server.sh("cat /var/lib/mysql/all.log; mariadb -e 'SET GLOBAL general_log = 0'");
    expect(log).toContain("FROM `authserver`.account");
    for (const secret of [salt, verifier]) expect(log).not.toContain(secret);
  });

  it("are not made twice, nor under a name that MariaDB takes for another, nor under the stack's own", () => {
    expect(acts("create", "BOB", {}, password("BOB"))).toBe("refused taken BOB\n");
    sql("INSERT INTO account (id, username, salt, verifier) VALUES (2, 'GÜNTHER', '', '')");
    expect(acts("create", "GUNTHER", {}, password("GUNTHER"))).toBe("refused taken GÜNTHER\n");
    expect(acts("create", "TRINITYSTACK", {}, password("TRINITYSTACK"))).toBe("refused own\n");
    expect(sql("SELECT COUNT(*) FROM account")).toBe("2");
  });

  it.each(["create", "password"] as const)("are left alone where no password comes (%s)", (verb) => {
    const before = sql("SELECT * FROM account");
    for (const nothing of ["", "\n", `${salt}\n`, `${salt} x'${verifier}\n`]) {
      const { code, out, err } = act(verb, verb === "create" ? "EVE" : "BOB", {}, nothing);
      expect([code, out, err]).toEqual([1, "", "error: no salt and verifier came for the password\n"]);
    }
    expect(sql("SELECT * FROM account")).toBe(before);
  });

  it.each(["level", "lock", "unlock", "ban", "unban", "password", "kick"] as const)(
    "that are not there are refused to %s, as is the stack's own",
    (verb) => {
      const details = { level: 1, realm: -1, seconds: 60, reason: "x" };
      expect(acts(verb, "EVE", details, password("EVE"))).toBe("refused unknown\n");
      expect(acts(verb, "GUNTHER", details, password("GUNTHER"))).toBe("refused otherwise GÜNTHER\n");
      expect(acts(verb, "TRINITYSTACK", details, password("TRINITYSTACK"))).toBe("refused own\n");
    },
  );

  // As AccountMgr::UpdateAccountAccess does it.
  it.each([
    [2, -1, "-1:2"],
    [3, -1, "-1:3"],
    [1, 1, "1:1"],
    [2, 4, "1:1,4:2"],
    [0, 4, "1:1"],
    [0, -1, "NULL"],
  ])("have level %d on realm %d, which leaves %s", (level, realm, levels) => {
    expect(acts("level", "BOB", { level, realm })).toMatch(/^done \nworld (inactive|failed)?\n$/);
    expect(
      sql(
        "SELECT GROUP_CONCAT(CONCAT(RealmID, ':', SecurityLevel) ORDER BY RealmID) FROM account_access WHERE AccountID = 1",
      ),
    ).toBe(levels);
  });

  it("that are leaving the config get no level, as the next run takes it", () => {
    server.sh(`mkdir -p ${state}/receipts/accounts && printf 'level BOB\\n' >${state}/receipts/accounts/manifest`);
    expect(acts("level", "BOB", { level: 1, realm: -1 })).toBe("refused leaving\n");
    server.sh(`rm -r ${state}/receipts/accounts`);
    expect(sql("SELECT COUNT(*) FROM account_access")).toBe("0");
  });

  it("are locked to their last address, and unlocked", () => {
    sql("UPDATE account SET last_ip = '192.0.2.7'");
    expect(acts("lock", "BOB")).toBe("done 192.0.2.7\n");
    expect(sql("SELECT username, locked FROM account ORDER BY id")).toBe("BOB\t1\nGÜNTHER\t0");
    expect(acts("unlock", "BOB")).toBe("done 192.0.2.7\n");
    expect(sql("SELECT MAX(locked) FROM account")).toBe("0");
  });

  describe("are banned", () => {
    const bans = () =>
      sql("SELECT id, unbandate - bandate, bannedby, banreason, active FROM account_banned ORDER BY active, unbandate");
    afterEach(() => sql("DELETE FROM account_banned"));

    it("for a time, with a row as the core writes it, once", () => {
      const reason = `it's "gold" \\ 100 % ж`;
      const [, ends] = /^done (\d+)\n/.exec(acts("ban", "BOB", { seconds: 3600, reason })) ?? [];
      expect(sql("SELECT unbandate FROM account_banned")).toBe(ends);
      expect(bans()).toBe(`1\t3600\tServer\t${reason.replace("\\", "\\\\")}\t1`);
      expect(acts("ban", "BOB", { seconds: 0, reason: "again" })).toBe(`refused banned ${ends}\n`);
      expect(sql("SELECT COUNT(*) FROM account_banned")).toBe("1");
    });

    it("for ever, until that is ended", () => {
      expect(acts("ban", "BOB", { seconds: 0, reason: "bot" })).toMatch(/^done 0\n/);
      expect(bans()).toBe("1\t0\tServer\tbot\t1");
      expect(acts("ban", "BOB", { seconds: 60, reason: "bot" })).toBe("refused banned 0\n");
      expect(acts("unban", "BOB")).toBe("done ended\n");
      expect(bans()).toBe("1\t0\tServer\tbot\t0");
      expect(acts("unban", "BOB")).toBe("done not\n");
    });

    it("anew after a ban that is over, of which the core has not taken note yet", () => {
      sql("INSERT INTO account_banned VALUES (1, 1000, 2000, 'Arthas', 'old', 1)");
      expect(acts("unban", "BOB")).toBe("done not\n");
      sql("UPDATE account_banned SET active = 1");
      expect(acts("ban", "BOB", { seconds: 60, reason: "new" })).toMatch(/^done \d+\n/);
      expect(bans()).toBe("1\t1000\tArthas\told\t0\n1\t60\tServer\tnew\t1");
    });

    it("and again within the same second", () => {
      sql(
        "INSERT INTO account_banned SELECT 1, UNIX_TIMESTAMP() + s.seq, UNIX_TIMESTAMP() + s.seq, 'Arthas', 'old', 0 FROM seq_0_to_9 s",
      );
      expect(acts("ban", "BOB", { seconds: 60, reason: "new" })).toMatch(/^done \d+\n/);
      expect(sql("SELECT COUNT(*), MAX(banreason) FROM account_banned WHERE active = 1")).toBe("1\tnew");
    });
  });

  it("get a new password, with which the old login ends", () => {
    sql("UPDATE account SET session_key_auth = REPEAT('k', 40), salt = '', verifier = ''");
    expect(acts("password", "BOB", {}, password("BOB"))).toMatch(/^done \nworld /);
    expect(
      sql(
        "SELECT LOWER(HEX(salt)) = '" +
          salt +
          "', LOWER(HEX(verifier)) = '" +
          verifier +
          "', session_key_auth FROM account ORDER BY id",
      ),
    ).toBe(`1\t1\tNULL\n0\t0\t${"k".repeat(40)}`);
  });

  it("are told who of them is in the world, and whether there is one", () => {
    sql("INSERT INTO characters.characters VALUES (1, 1, 'Arthas', 1), (2, 1, 'Jaina', 0), (3, 2, 'Uther', 1)");
    server.sh("systemd-run --quiet --unit=worldserver sleep 1000");
    expect(acts("kick", "BOB")).toBe("done \nworld active\nonline Arthas\n");
    sql("UPDATE characters.characters SET online = 0; UPDATE account SET online = 1");
    expect(acts("kick", "BOB")).toBe("done \nworld active\nchoosing\n");
    sql("UPDATE account SET online = 0");
    server.sh("systemctl stop worldserver");
    expect(acts("kick", "BOB")).toBe("done \nworld inactive\n");
  });

  it("are listed, each in a line, whatever is written in it", () => {
    sql(`UPDATE account SET last_login = FROM_UNIXTIME(1750000000), locked = 1, online = 1 WHERE id = 1;
      UPDATE account SET email = 'a"\\\\\\n\\t\\'' WHERE id = 2; INSERT INTO account_access VALUES (1, 1, 4, NULL), (1, 3, -1, NULL);
      INSERT INTO account_banned VALUES (2, 1, 1, 'Arthas', 'first\\nsecond', 1), (1, 1, 2, 'Arthas', 'over', 1)`);
    server.sh(`printf '1 BOB\\n' >${state}/accounts`);
    const [own, owned, ...rows] = acts("list").trimEnd().split("\n");
    expect([own, owned]).toEqual(["own TRINITYSTACK", "owned 1 BOB"]);
    expect(rows.map((row) => JSON.parse(row.replace(/^account /, "")))).toEqual([
      {
        ...{
          id: 1,
          name: "BOB",
          email: "BOB@EXAMPLE.NET",
          expansion: 2,
          lastLogin: 1750000000,
          lastAddress: "192.0.2.7",
        },
        ...{ online: 1, locked: 1, levels: "-1:3,4:1", banned: 0, banEnds: null, banBy: null, banReason: null },
      },
      {
        ...{ id: 2, name: "GÜNTHER", email: "a\"\\\n\t'", expansion: 2, lastLogin: null, lastAddress: "192.0.2.7" },
        ...{
          online: 0,
          locked: 0,
          levels: null,
          banned: 1,
          banEnds: null,
          banBy: "Arthas",
          banReason: "first\nsecond",
        },
      },
    ]);
  });
});
