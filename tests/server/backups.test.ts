import { backupsIn, filesIn } from "../../actions/backups";
import { BackupMachine, FOLDER } from "./backup-machine";
import { lab } from "./on-machine";

/** The rest of a manifest's line. */
const field = (key: string, manifest: string) => new RegExp(`^${key}\t(.*)$`, "m").exec(manifest)?.[1];

lab.describe("a backup", () => {
  let host: BackupMachine;
  const sh = (script: string) => host.machine.sh(script);
  beforeAll(() => {
    host = new BackupMachine("t-backups");
  }, 300_000);
  afterAll(() => host?.stop(), 60_000);

  const audited = () => sh("tail -n 1 /var/log/trinity-stack/audit.log | cut -f 4-");
  /** Fails with these first words, leaves nothing that looks like a backup, and is told by the next preview. */
  function expectFailure(cause: RegExp): void {
    const before = host.backups();
    const { ok, said } = host.run("backup");
    expect([ok, said]).toEqual([false, expect.stringMatching(cause)]);
    expect(sh("systemctl is-failed trinity-backup || true")).toBe("failed");
    expect(audited()).toBe("backup\tfailed");
    expect(host.backups()).toEqual(before);
    expect(host.rests()).toBe("");
    expect(host.observe(host.plans.backup)).toEqual([
      expect.stringMatching(new RegExp(`^hint: trinity-backup failed \\([^)]*\\): .*${cause.source}`)),
    ]);
  }

  it("has what it needs, and nothing to do the second time", () => {
    for (const plan of Object.values(host.plans)) {
      expect(host.observe(plan)).toEqual([]);
      expect(host.machine.apply(plan.step, plan.kind, plan.args).out).toMatch(/^as it should be\n/);
    }
    expect(sh(`stat -c '%a %U' ${FOLDER}; id -Gn trinity-backup`)).toBe("700 trinity-backup\ntrinity-backup");
  });

  it("is made as a user who may change nothing", () => {
    const { ok, said } = host.run("backup");
    expect([ok, said]).toEqual([true, expect.stringContaining(`made ${FOLDER}/`)]);
    const [name = ""] = host.backups();
    expect(name).toMatch(/^\d{4}-\d\d-\d\dT\d{6}Z$/);
    expect(audited()).toBe(`backup\tdone\t${name}`);
    expect(sh(`stat -c '%a %U' ${FOLDER}/${name}/* | sort -u`)).toBe("600 trinity-backup");
    const manifest = host.file(name, "manifest").split("\n");
    expect(manifest[0]).toBe("format\t1");
    for (const part of [
      /^server\t10\./,
      /^database\tauthserver\tauth\tutf8mb4\t\S+\t2026_06_02_00_auth\.sql$/,
      /^file\tcharacters\.sql\.zst\t\d+\t[0-9a-f]{64}\t\d+$/,
      /^object\tcharacters\ttable\tbank\t20000\t[0-9a-f]{64}$/,
      /^object\tcharacters\ttable\todd``name\t1\t/,
      /^object\tcharacters\ttriggers\tbank\t1$/,
      ...["procedure\tmove", "function\ttwice", "event\tweekly"].map(
        (what) => new RegExp(`^object\tcharacters\t${what}$`),
      ),
      /^object\tauthserver\tview\tpeople$/,
      /^sum\t[0-9a-f]{64}$/,
    ])
      expect(manifest).toContainEqual(expect.stringMatching(part));
    for (const statement of [
      "DELETE FROM characters.bank",
      "DROP TABLE characters.log",
      "CREATE TABLE characters.mine (id INT)",
      "UPDATE authserver.account SET username = 'C'",
      "SELECT * FROM mysql.global_priv",
      "CREATE DATABASE mine",
    ])
      expect(host.machine.exec(`runuser -u trinity-backup -- mariadb -e "${statement}"`)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/denied/),
      });
    expect(host.observe(host.plans.backup)).toEqual([]);
  });

  it("is in a sandbox that is rated 3.0 or better", () => {
    for (const unit of ["trinity-backup", "trinity-backup-now", "trinity-backup-drill"]) {
      const said = sh(`systemd-analyze security --no-pager ${unit}.service | tail -n 1`);
      expect(Number(/: (\d+\.\d+) /.exec(said)?.[1])).toBeLessThanOrEqual(3);
    }
  });

  it("is of one moment, while a client moves gold from table to table", () => {
    host.beside(
      "mover",
      `while :; do for i in {1..200}; do echo 'CALL characters.move(FLOOR(1 + RAND() * 20000));'; done; done | mariadb`,
    );
    const moved = () => Number(host.sql("SELECT SUM(gold) FROM characters.bank"));
    const before = moved();
    const name = host.make();
    expect(moved()).toBeGreaterThan(before);
    host.endBeside("mover");
    host.sql("CREATE DATABASE copy");
    sh(`zstd -dcq ${FOLDER}/${name}/characters.sql.zst | mariadb copy`);
    const sum = (table: string) => `(SELECT SUM(gold) FROM copy.${table})`;
    expect(host.sql(`SELECT ${sum("purse")} + ${sum("bank")}; SELECT COUNT(*) FROM copy.purse`)).toBe(
      "40000000\n20000",
    );
    expect(Number(host.sql(`SELECT ${sum("bank")}`))).toBeGreaterThanOrEqual(before);
    host.sql("DROP DATABASE copy");
  }, 120_000);

  it.each<[what: string, before: string, cause: RegExp, after: string]>([
    [
      "MariaDB is stopped",
      "systemctl stop mariadb",
      /MariaDB does not answer on \/run\/mysqld\/mysqld\.sock: .*2002/,
      "systemctl start mariadb",
    ],
    [
      "it may not read the tables",
      `mariadb -e 'REVOKE SELECT ON characters.* FROM "trinity-backup"@localhost'`.replace(
        "characters",
        "`characters`",
      ),
      // mariadb-dump leaves the rows out without a word.
      /the dump of characters is not whole: the rows of bank could not be read/,
      "",
    ],
    [
      "it may not see a routine",
      `mariadb -e 'REVOKE SELECT ON mysql.proc FROM "trinity-backup"@localhost'`,
      /the dump of characters is not whole: it lacks the (function twice|procedure move)/,
      "",
    ],
    [
      "it may not see triggers",
      `mariadb -e 'REVOKE TRIGGER ON characters.* FROM "trinity-backup"@localhost'`,
      /the dump of characters is not whole: it lacks the triggers of bank/,
      "",
    ],
    [
      "a database is lost",
      "mariadb -e 'DROP DATABASE authserver'",
      /there is no database authserver/,
      "mariadb -e 'CREATE DATABASE authserver; CREATE TABLE authserver.account (id INT)'",
    ],
    [
      "a database is empty",
      "mariadb -e 'DROP TABLE authserver.account'",
      /the database authserver is empty/,
      "mariadb -e 'CREATE TABLE authserver.account (id INT)'",
    ],
    [
      "the folder is another's",
      `chown root ${FOLDER}`,
      /\/var\/backups\/trinity is missing, or not the folder of trinity-backup/,
      "",
    ],
  ])("does not come to be, and nothing looks like one, when %s", (_, before, cause, after) => {
    sh(before);
    expectFailure(cause);
    if (after) sh(after);
    for (const plan of [host.plans.user, host.plans.account]) host.apply(plan);
    host.make();
    expect(host.observe(host.plans.backup)).toEqual([]);
  });

  it("does not come to be when its disk is full, on whose rest it leaves nothing", () => {
    sh(
      `mkdir /run/kept && mv ${FOLDER}/* /run/kept && mount -t tmpfs -o size=32k,mode=0700,uid=$(id -u trinity-backup) tmpfs ${FOLDER}`,
    );
    expectFailure(/the dump of characters could not be written: .*No space left/);
    expect(sh(`df -k --output=used ${FOLDER} | tail -n 1`).trim()).toBe("0");
    sh(`umount ${FOLDER} && mv /run/kept/* ${FOLDER}`);
    host.make();
  });

  /** A table that somebody has locked makes a backup wait in the middle of it; then this happens. */
  function whenHalfDone(script: string): void {
    host.beside("locker", "{ echo 'LOCK TABLES characters.bank WRITE;'; sleep 60; } | mariadb");
    host.beside(
      "meanwhile",
      `until ls ${FOLDER}/.new.*/characters.sql.zst; do sleep 0.1; done; sleep 0.5; ${script}; systemctl stop locker`,
    );
  }

  it.each([
    ["mariadb-dump", /the dump of characters failed: mariadb-dump ended with signal KILL/],
    ["zstd", /the dump of characters could not be written/],
  ])(
    "does not come to be when %s is killed",
    (program, cause) => {
      whenHalfDone(`pkill -KILL -x ${program}`);
      expectFailure(cause);
      host.make();
    },
    60_000,
  );

  it("does not come to be when all of it is killed, and the next one removes what was left", () => {
    whenHalfDone("systemctl kill --signal=SIGKILL --kill-whom=all trinity-backup");
    expectFailure(/it was ended from outside \(signal, KILL\)/);
    sh(`mkdir ${FOLDER}/.new.abc ${FOLDER}/.old.2026-01-01T034000Z && chown trinity-backup ${FOLDER}/.[no]*`);
    host.make();
    expect(host.rests()).toBe("");
  }, 60_000);

  describe("on demand", () => {
    const names = () => host.backups().filter((name) => /^\d{4}-/.test(name));
    const record = () => host.machine.sh("cat /var/lib/trinity-backup-now/last");

    it("is of the databases that were asked for, with a note of what for", () => {
      host.sql("CREATE DATABASE worldserver; CREATE TABLE worldserver.version (id INT)");
      const { code, out } = host.now("before releases/0123456789ab-01234567", "world");
      const made = names().at(-1) as string;
      expect([code, out]).toEqual([0, `${made}\n`]);
      const manifest = host.file(made, "manifest");
      expect(manifest).toMatch(/^note\tbefore releases\/0123456789ab-01234567$/m);
      expect(manifest.match(/^database\t\S+/gm)).toEqual(["database\tworldserver"]);
      expect(sh("ls /run/trinity-stack | grep backup | grep -v lock || true")).toBe("");
      expect(host.observe(host.plans.now)).toEqual([]);
    });

    it("is of what the config says, when somebody starts the unit by hand", () => {
      sh("systemctl start trinity-backup-now");
      const manifest = host.file(names().at(-1) as string, "manifest");
      expect(manifest).toMatch(/^note\tby hand$/m);
      expect(manifest.match(/^database\t\S+/gm)).toEqual(["database\tauthserver", "database\tcharacters"]);
    });

    it("ends with the cause, and does not count as a night that failed", () => {
      const before = names();
      host.sql("DROP DATABASE worldserver");
      expect(host.now("before releases/x", "auth", "world")).toMatchObject({
        code: 1,
        out: "",
        err: expect.stringMatching(/^error: there is no backup: there is no database worldserver\n/m),
      });
      expect(names()).toEqual(before);
      expect(record()).toMatch(/^ended\texit-code$/m);
      for (const plan of [host.plans.backup, host.plans.now]) expect(host.observe(plan)).toEqual([]);
    });

    it("waits for one that somebody else asked for, and makes its own then", () => {
      host.beside("locker", "{ echo 'LOCK TABLES characters.bank WRITE;'; sleep 60; } | mariadb");
      sh("until mariadb -e 'SHOW OPEN TABLES IN characters WHERE In_use > 0' | grep -q bank; do sleep 0.1; done");
      sh("systemctl start --no-block trinity-backup-now");
      host.beside("release", "sleep 3; systemctl stop locker");
      const { code, out } = host.now("before restore", "auth");
      expect(code).toBe(0);
      const [first, second] = names().slice(-2) as [string, string];
      expect(out).toBe(`${second}\n`);
      expect([first, second].map((name) => field("note", host.file(name, "manifest")))).toEqual([
        "by hand",
        "before restore",
      ]);
    }, 60_000);

    it("has the master secrets of two-factor in it, for nobody but the backups' user, where it has the login", () => {
      const lines = `${"0A".repeat(16)} digest-1\n${"0B".repeat(16)} digest-2\n`;
      host.machine.sh("umask 077; cat >/var/lib/trinity-stack/master-secrets", { stdin: lines });
      const [login, other] = [host.now("by hand", "auth"), host.now("by hand", "characters")];
      const [name, without] = [login, other].map(({ out }) => out.trim()) as [string, string];
      expect(host.machine.exec(`cat ${FOLDER}/${name}/master-secrets`).out).toBe(lines);
      expect(sh(`stat -c '%a %U' ${FOLDER}/${name}/master-secrets`)).toBe("600 trinity-backup");
      expect(sh(`ls ${FOLDER}/${without}`)).toBe("characters.sql.zst\nmanifest");
      expect(host.run("drill").ok).toBe(true);
      sh("rm /var/lib/trinity-stack/master-secrets");
    });
  });

  describe("as its verbs ask for it", () => {
    const ask = (...words: string[]) =>
      host.machine.exec(
        `echo test/stack >/var/lib/trinity-stack/owner
        bash /usr/local/libexec/trinity-stack/current/actions/backup.sh stack=test/stack tried=/var/lib/trinity-backup-drill ${words.join(" ")}`,
      );

    it("is made, and told of while it goes on; listed; and its files are named", () => {
      const made = ask("verb=now");
      const [, name = ""] = /^made\t(.*)$/m.exec(made.out) ?? [];
      expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^said\tbacking up authserver$/m) });
      expect(audited()).toBe(`backup\tdone\t${name}`);
      expect(host.run("drill").ok).toBe(true);
      const [listed] = backupsIn(ask("verb=list").out);
      expect(listed).toMatchObject({ name, roles: ["auth", "characters"], note: "by hand", tried: expect.any(Date) });
      const files = filesIn(ask("verb=files", `name=${name}`).out);
      const there = sh(`cd ${FOLDER}/${name} && stat -c '%n %s' manifest *.zst`).split("\n");
      expect(files.map(({ name, bytes }) => `${name} ${bytes}`).sort()).toEqual(there.sort());
      expect(files.reduce((sum, { sum: has, bytes }) => sum + (has ? bytes : 0), 0)).toBe(listed?.bytes);
    });

    it("is not made without the cause, once, and nothing is read outside of its folder", () => {
      sh("systemctl stop mariadb");
      const failed = ask("verb=now");
      sh("systemctl start mariadb");
      expect(failed).toMatchObject({ code: 1, out: expect.not.stringContaining("made") });
      expect(audited()).toBe("backup\tfailed");
      expect(failed.err.match(/^error: .*/gm)).toEqual([
        expect.stringContaining("error: there is no backup: MariaDB does not answer on /run/mysqld/mysqld.sock"),
      ]);
      for (const name of ["../../etc", "2026-01-01T000000Z", ""])
        expect(ask("verb=files", `name=${name}`)).toMatchObject({
          code: 1,
          err: expect.stringMatching(/^error: there is no backup /),
        });
    });
  });

  it("is deleted when newer ones have come, and nothing else is", () => {
    const nights = Array.from({ length: 20 }, (_, at) => `2025-03-${String(at + 1).padStart(2, "0")}T034000Z`);
    sh(
      `cd ${FOLDER} && rm -r 2* && mkdir ${nights.join(" ")} mine 2025-01-01T034000Z && touch {${nights.join(",")}}/manifest mine/manifest && chown -R trinity-backup .`,
    );
    const name = host.make();
    // Seven days, of which this is one; the last of the weeks before; what is no backup.
    const kept = nights.filter((night) => /-(09|1[5-9]|20)T/.test(night));
    expect(host.backups()).toEqual(["2025-01-01T034000Z", ...kept, name, "mine"]);
  });

  it("goes on being there when the stack goes, and its user with it", () => {
    const before = host.backups();
    const { drill, now, backup, account, user } = host.plans;
    for (const { step } of [drill, now, backup, account, user])
      expect(host.machine.undo(step)).toMatchObject({ code: 0 });
    expect(host.backups()).toEqual(before);
    expect(sh(`stat -c %U ${FOLDER}/${before.at(-1)}`)).toBe("trinity-backup");
    expect(host.sql("SELECT COUNT(*) FROM mysql.global_priv WHERE user = 'trinity-backup'")).toBe("0");
    expect(
      sh(
        "ls -d /etc/systemd/system/trinity-backup* /var/lib/trinity-backup* /var/lib/systemd/timers/*trinity* 2>/dev/null || true",
      ),
    ).toBe("");
  });
});
