import { BackupMachine, FOLDER } from "./backup-machine";
import { lab } from "./on-machine";

lab.describe("the drill", () => {
  let host: BackupMachine;
  const sh = (script: string) => host.machine.sh(script);
  const scratch = () => host.sql("SHOW DATABASES LIKE 'trinity\\_drill%'");
  const sums = () => host.sql("CHECKSUM TABLE characters.bank, characters.purse, authserver.account");
  const proven = () => sh("cat /var/lib/trinity-backup-drill/proven 2>/dev/null || true");
  beforeAll(() => {
    host = new BackupMachine("t-drill");
  }, 300_000);
  afterAll(() => host?.stop(), 60_000);

  function expectFailure(cause: RegExp): void {
    const [good, before] = [proven(), sums()];
    const { ok, said } = host.run("drill");
    expect([ok, said]).toEqual([false, expect.stringMatching(cause)]);
    expect(host.observe(host.plans.drill)).toEqual([
      expect.stringMatching(new RegExp(`^hint: trinity-backup-drill failed \\([^)]*\\): .*${cause.source}`)),
    ]);
    expect([scratch(), proven(), sums()]).toEqual(["", good, before]);
  }

  it("says so when there is no backup yet", () => {
    expectFailure(/there is no backup in \/var\/backups\/trinity yet/);
  });

  it("restores the newest backup, finds it equal, and leaves nothing but the result", () => {
    host.make();
    const newest = host.make();
    const before = sums();
    const { ok, said } = host.run("drill");
    expect([ok, said]).toEqual([true, expect.stringContaining(`${newest} was restored, and is equal`)]);
    expect([scratch(), proven(), sums()]).toEqual(["", newest, before]);
    expect(host.observe(host.plans.drill)).toEqual([]);
  });

  it("is content when the databases have gone on since", () => {
    host.sql("CALL characters.move(1); DELETE FROM characters.purse WHERE id > 19000");
    host.sql("CREATE TABLE characters.newer (id INT)");
    expect(host.run("drill").ok).toBe(true);
  });

  it("works with a binary log, writes nothing into it, and says what it could not try", () => {
    const conf = "/etc/mysql/mariadb.conf.d/99-log.cnf";
    const { account } = host.plans;
    sh(`printf '[mysqld]\\nlog_bin\\nserver_id=1\\n' >${conf} && systemctl restart mariadb`);
    try {
      expect(host.observe(account)).toEqual(["trinity-backup lacks: BINLOG ADMIN ON *.*"]);
      host.apply(account);
      const { ok, said } = host.run("drill");
      expect([ok, said]).toEqual([true, expect.stringMatching(/^characters: not tried, .*: function, triggers$/m)]);
      expect(sh("mariadb-binlog /var/lib/mysql/*-bin.0* | grep -c trinity_drill || true")).toBe("0");
    } finally {
      sh(`rm ${conf} && systemctl restart mariadb`);
    }
    expect(host.observe(account)).toEqual(["trinity-backup has a grant it should not: BINLOG ADMIN ON *.*"]);
    host.apply(account);
  });

  const signed = `sed -i '$d' manifest && printf 'sum\\t%s\\n' $(sha256sum <manifest | cut -d ' ' -f 1) >>manifest`;
  /** Changes a dump, and the manifest so that its sums fit again, as somebody would who knows how. */
  const forged = (script: string) => `
    zstd -dcq characters.sql.zst | ${script} >/run/forged && zstd -qf -o characters.sql.zst /run/forged
    new=$(printf 'file\\tcharacters.sql.zst\\t%s\\t%s\\t1' $(stat -c %s characters.sql.zst) $(sha256sum <characters.sql.zst | cut -d ' ' -f 1))
    sed -i "s/^file\\tcharacters.*/$new/" manifest && ${signed}`;
  const unequal = "characters of the backup \\S+ does not come back as it was: ";

  it.each<[what: string, harm: string, cause: RegExp]>([
    [
      "that was tampered with",
      "printf X | dd of=characters.sql.zst bs=1 seek=2000 conv=notrunc status=none",
      /characters\.sql\.zst of the backup \S+ was changed since it was made/,
    ],
    [
      "that was truncated",
      "truncate -s -100 characters.sql.zst",
      /characters\.sql\.zst of the backup \S+ has \d+ bytes, should have \d+/,
    ],
    ["without one of its files", "rm authserver.sql.zst", /has no authserver\.sql\.zst any more/],
    [
      "of an older format",
      `sed -i '1s/1/0/' manifest && ${signed}`,
      /the backup \S+ is of another format than this stack reads/,
    ],
    [
      "with a changed manifest",
      "sed -i 's/\\t20000\\t/\\t20001\\t/' manifest",
      /the manifest of the backup \S+ was cut off or changed/,
    ],
    ["with half a manifest", "sed -i '10,$d' manifest", /the manifest of the backup \S+ was cut off or changed/],
    [
      "that lacks a procedure",
      forged("sed '/DROP PROCEDURE/,/^DELIMITER ;$/d'"),
      new RegExp(`${unequal}it lacks the procedure move`),
    ],
    [
      "that lacks rows",
      forged("sed '/^(77,1000),$/d'"),
      new RegExp(`${unequal}the table bank: 19999, should be 20000`),
    ],
    [
      "with another value in a row",
      forged("sed 's/^(77,1000),$/(77,9999),/'"),
      new RegExp(`${unequal}the table bank holds something else`),
    ],
    [
      "with another definition",
      forged("sed 's/RETURN 2 \\* n/RETURN 3 * n/'"),
      new RegExp(`${unequal}a table, a view or a routine is defined in another way`),
    ],
    ["that ends in the middle", forged("sed '/^-- Dumping events/,$d'"), new RegExp(`${unequal}it lacks the event`)],
    [
      "that would write elsewhere",
      forged("sed '2i DELETE FROM characters.bank;'"),
      /characters\.sql\.zst of the backup \S+ cannot be restored: .*denied/,
    ],
    ["that is no SQL", forged("sed '2i nonsense;'"), /cannot be restored: .*syntax/],
  ])(
    "catches a backup %s",
    (_, harm, cause) => {
      const name = host.make();
      sh(`cd ${FOLDER}/${name} && ${harm.trim()}`);
      expectFailure(cause);
      sh(`rm -r ${FOLDER}/${name}`);
    },
    60_000,
  );

  it("says so when MariaDB is stopped, and removes what it left when it was killed", () => {
    sh("systemctl stop mariadb");
    expect(host.run("drill")).toEqual({
      ok: false,
      said: expect.stringContaining("error: MariaDB does not answer on /run/mysqld/mysqld.sock"),
    });
    sh("systemctl start mariadb");
    host.sql("CREATE DATABASE trinity_drill_1; CREATE TABLE trinity_drill_1.account (id INT)");
    host.sql("CREATE DATABASE trinitydrill_mine");
    expect(host.run("drill").ok).toBe(true);
    expect(scratch()).toBe("");
    expect(host.sql("SHOW DATABASES LIKE 'trinitydrill%'")).toBe("trinitydrill_mine");
  });

  it("keeps the backup that it proved from being deleted, however old that becomes", () => {
    const old = "2024-01-01T034000Z";
    const other = "2024-01-02T034000Z";
    sh(`cd ${FOLDER} && mv ${proven()} ${old} && mkdir ${other} && touch ${other}/manifest && chown -R trinity-backup .
      echo ${old} >/var/lib/trinity-backup-drill/proven
      sed -i 's/days=7 weeks=4 months=6/days=1 weeks=0 months=0/' /etc/systemd/system/trinity-backup.service
      systemctl daemon-reload`);
    const name = host.make();
    expect(host.backups()).toEqual(expect.arrayContaining([old, name]));
    expect(host.backups()).not.toContain(other);
    host.apply(host.plans.backup);
  });

  it("is told when it did not come in time, and so is a backup", () => {
    const { backup, drill } = host.plans;
    for (const which of ["backup", "drill"] as const) expect(host.run(which).ok).toBe(true);
    const aged = (days: number) =>
      sh(`for f in /var/lib/trinity-backup*/last; do
        then=$(($(date +%s) - ${days} * 86400)); sed -i "s/^\\(at\\|well\\)\\t.*/\\1\\t$then/" $f; done`);
    const overdue = (unit: string, end: string) => [
      expect.stringMatching(new RegExp(`^hint: ${unit} is overdue: it should have run at \\w+ \\S+ ${end}`)),
    ];
    expect(host.observe(backup)).toEqual([]);
    aged(2);
    expect(host.observe(backup)).toEqual(overdue("trinity-backup", "03:40, and last went well \\w+ \\d{4}-"));
    aged(9);
    expect(host.observe(drill)).toEqual(overdue("trinity-backup-drill", "05:00, and last went well \\w+ \\d{4}-"));
    sh("rm /var/lib/trinity-backup/last; touch -d '2 days ago' /etc/systemd/system/trinity-backup.timer");
    expect(host.observe(backup)).toEqual(overdue("trinity-backup", "03:40, and last went well never$"));
    host.make();
    expect(host.observe(backup)).toEqual([]);
  });
});
