import { BackupMachine, FOLDER } from "./backup-machine";
import { lab, type Ran } from "./on-machine";

lab.describe("what becomes of a dump", () => {
  let host: BackupMachine;
  let backup: string;
  const sh = (script: string) => host.machine.sh(script);
  const lib = (script: string): Ran =>
    host.machine.exec(`. /usr/local/libexec/trinity-stack/current/run/libraries.sh
      ARG=([socket]=/run/mysqld/mysqld.sock [user]=trinity)
      ${script}`);
  const well = (script: string): string => {
    const { code, out, err } = lib(script);
    expect([code, err]).toEqual([0, ""]);
    return out;
  };
  const databases = () => host.sql("SHOW DATABASES").split("\n");
  const accounts = () => host.sql("SELECT User FROM mysql.user ORDER BY User");
  /** All that a database has, but for who defined what. */
  const all = (name: string) => well(`dump_database ${name} | inventory_of`);
  const tablesIn = (inventory: string) => inventory.split("\n").filter((line) => line.startsWith("table\t"));
  const tables = (name: string) => tablesIn(all(name));
  /** What swaps have left. */
  const rests = () => sh("ls /var/lib/trinity-stack/swaps; mariadb -N -e \"SHOW DATABASES LIKE 'c\\\\_\\\\_%'\"");
  const definers = (name: string) =>
    host.sql(`SELECT definer FROM information_schema.views WHERE table_schema = '${name}' UNION ALL
      SELECT definer FROM information_schema.triggers WHERE trigger_schema = '${name}' UNION ALL
      SELECT definer FROM information_schema.events WHERE event_schema = '${name}' UNION ALL
      SELECT definer FROM information_schema.routines WHERE routine_schema = '${name}'`);
  const dump = (name: string) => `${FOLDER}/${backup}/${name}.sql.zst`;

  beforeAll(() => {
    host = new BackupMachine("t-restoring");
    host.sql(`CREATE USER hero@localhost; GRANT ALL ON characters.* TO hero@localhost; GRANT ALL ON small.* TO hero@localhost;
      CREATE USER trinity@localhost; GRANT ALL ON small.* TO trinity@localhost;
      CREATE VIEW characters.rich AS SELECT * FROM characters.bank WHERE gold > 1;
      CREATE DATABASE small CHARACTER SET utf8mb4; USE small;
      CREATE TABLE guild (id INT PRIMARY KEY); CREATE TABLE log (what VARCHAR(20));
      CREATE TABLE member (id INT, guild INT, FOREIGN KEY (guild) REFERENCES guild (id) ON UPDATE CASCADE);
      INSERT INTO guild VALUES (1); INSERT INTO member VALUES (7, 1);
      CREATE TRIGGER kept AFTER UPDATE ON guild FOR EACH ROW INSERT INTO log VALUES ('kept');
      CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n;
      CREATE EVENT weekly ON SCHEDULE EVERY 1 WEEK DO DELETE FROM log;
      CREATE VIEW b_twice AS SELECT twice(id) AS t, 'ä' AS letter FROM guild WHERE id > 0 WITH CASCADED CHECK OPTION;
      CREATE VIEW a_far AS SELECT t FROM b_twice`);
    backup = host.make();
  }, 300_000);
  afterAll(() => host?.stop(), 60_000);
  afterEach(() => lib("undo_swap small c__new c__old; drop_database c__new; drop_database c__old"));

  it("comes back as it was, packed or not, by an account that is gone after it", () => {
    const before = accounts();
    sh(`zstd -dcq ${dump("characters")} | tee /root/plain.sql | gzip >/root/packed.sql.gz`);
    for (const file of [dump("characters"), "/root/plain.sql", "/root/packed.sql.gz"]) {
      well(`load_dump ${file} c__new`);
      expect(all("c__new")).toBe(all("characters"));
      host.sql("DROP DATABASE c__new");
    }
    expect(accounts()).toBe(before);
  });

  it("is copied with all that it has", () => {
    well("copy_database small c__new");
    expect(all("c__new")).toBe(all("small"));
    expect(definers("c__new")).toBe(definers("small"));
    expect(lib("copy_database small c__new").err).toContain("error: small cannot be copied to c__new: there is");
  });

  it("takes the place of a database, whose tables are set aside and come back", () => {
    const [before, owners] = [all("small"), definers("small")];
    well("copy_database small c__new");
    host.sql("DROP VIEW c__new.a_far; DROP TRIGGER c__new.kept; UPDATE c__new.guild SET id = 5; DROP TABLE c__new.log");
    const after = all("c__new");
    for (let times = 0; times < 2; times++) well("swap_databases small c__new c__old");
    expect([all("small"), tables("c__old")]).toEqual([after, tablesIn(before)]);
    expect(databases()).not.toContain("c__new");
    well("undo_swap small c__new c__old");
    expect([all("small"), definers("small"), rests()]).toEqual([before, owners, ""]);
  });

  it("belongs to the account that has the database, and what was there is dropped when it is kept", () => {
    const before = all("small");
    sh("mariadb-dump --routines --events small >/root/small.sql");
    well("load_dump /root/small.sql c__new; swap_databases small c__new c__old");
    expect([all("small"), [...new Set(definers("small").split("\n"))]]).toEqual([before, ["hero@localhost"]]);
    well("keep_swap small c__old");
    expect([all("small"), rests()]).toEqual([before, ""]);
  });

  it("does not take the place of a database that waits for another one", () => {
    well("copy_database small c__new; swap_databases small c__new c__old; copy_database small c__next");
    expect(lib("swap_databases small c__next c__former").err).toMatch(/^error: small was swapped with c__new before/);
    well("drop_database c__old; drop_database c__next");
    expect(rests()).toBe("");
  });

  /** The shell is killed before the statement of that number, or after it. */
  const killedAt = (at: number, when: "before" | "after", script: string) => `
    echo 0 >/run/statements
    eval "real_$(declare -f sql_client)"
    sql_client() {
      local n=$(($(</run/statements) + 1)) rc=0
      echo $n >/run/statements
      ${when === "before" ? `((n != ${at})) || kill -9 $$` : ""}
      real_sql_client "$@" || rc=$?
      ${when === "after" ? `((n != ${at})) || kill -9 $$` : ""}
      return $rc
    }
    ${script}`;

  it.each<[then: string, when: "before" | "after", again: string]>([
    ["done again", "before", "swap_databases small c__new c__old"],
    ["done again", "after", "swap_databases small c__new c__old"],
    ["undone", "after", "undo_swap small c__new c__old"],
  ])(
    "can be %s when it was killed %s any statement",
    (then, when, again) => {
      const before = all("small");
      let at = 0;
      for (let killed = true; killed; ) {
        well("drop_database c__new; copy_database small c__new");
        host.sql("UPDATE c__new.guild SET id = 5; DROP VIEW c__new.a_far");
        const after = all("c__new");
        killed = lib(killedAt(++at, when, "swap_databases small c__new c__old")).code !== 0;
        well(again);
        expect([at, all("small")]).toEqual([at, then === "undone" ? before : after]);
        well("undo_swap small c__new c__old");
        expect([at, all("small"), rests()]).toEqual([at, before, ""]);
      }
      expect(at).toBeGreaterThan(15);
    },
    300_000,
  );

  it("can be undone when the undoing was killed after any statement", () => {
    const before = all("small");
    let at = 0;
    for (let killed = true; killed; ) {
      well("copy_database small c__new; swap_databases small c__new c__old");
      killed = lib(killedAt(++at, "after", "undo_swap small c__new c__old")).code !== 0;
      well("undo_swap small c__new c__old");
      expect([at, all("small"), rests()]).toEqual([at, before, ""]);
    }
    expect(at).toBeGreaterThan(10);
  }, 300_000);

  it.each<[what: string, harm: string, cause: RegExp]>([
    [
      "was tampered with",
      "printf X | dd of=c.sql.zst bs=1 seek=2000 conv=notrunc status=none",
      /was changed since it was made/,
    ],
    ["was truncated", "truncate -s -100 c.sql.zst", /has \d+ bytes, should have \d+/],
    ["is of an older format", "sed -i '1s/1/0/' manifest", /is of another format than this stack reads/],
    [
      "has a changed manifest",
      "sed -i 's/\\t20000\\t/\\t20001\\t/' manifest",
      /the manifest of the backup x was cut off or changed/,
    ],
    ["is not in the manifest", "mv c.sql.zst other.sql.zst", /the backup x has no other\.sql\.zst/],
    [
      "was truncated, without a manifest",
      "rm manifest; truncate -s -100 c.sql.zst",
      /c\.sql\.zst cannot be read to its end: .*/,
    ],
    [
      "has no end, without a manifest",
      "rm manifest; zstd -dcq c.sql.zst | head -n -5 | zstd -qf -o c.sql.zst",
      /c\.sql\.zst has no end/,
    ],
    ["is no SQL", "rm manifest; echo nonsense | zstd -qf -o c.sql.zst", /c\.sql\.zst cannot be restored: .*syntax/],
    [
      "writes into another database",
      more("INSERT INTO authserver.account VALUES (9, 'X', 'x');"),
      /c\.sql\.zst wants more than the one database/,
    ],
    ["drops another database", more("DROP DATABASE authserver;"), /c\.sql\.zst wants more than the one database/],
    ["makes accounts", more("CREATE USER x; "), /c\.sql\.zst wants more than the one database/],
    ["changes settings", more("SET GLOBAL max_connections = 1;"), /c\.sql\.zst wants more than the one database/],
    [
      "reads a file of the host",
      more("LOAD DATA LOCAL INFILE '/etc/shadow' INTO TABLE log;"),
      /cannot be restored: .*/,
    ],
    ["writes a file on the host", more("SELECT 1 INTO OUTFILE '/tmp/x';"), /wants more than the one database/],
    ["runs a program", more("\\\\! touch /root/ran"), /cannot be restored: .*/],
    ["holds two databases", more("USE `x`;\\nCREATE TABLE t (i INT);\\nUSE `y`;"), /has several databases \(`x` `y`\)/],
  ])(
    "changes nothing when it %s",
    (_, harm, cause) => {
      const was = () => [databases(), accounts(), all("characters"), all("authserver")];
      const before = was();
      sh(`rm -rf /root/x && cp -r ${FOLDER}/${backup} /root/x && rm /root/x/authserver* && chown -R root /root/x && cd /root/x
        sed -i 's/characters/c/' manifest && sed -i '$d' manifest && mv characters.sql.zst c.sql.zst
        printf 'sum\\t%s\\n' $(sha256sum <manifest | cut -d ' ' -f 1) >>manifest && ${harm}`);
      const { code, err } = lib("load_dump /root/x/$(cd /root/x && ls *.zst) c__new");
      expect([code, err]).toEqual([1, expect.stringMatching(new RegExp(`^error: .*${cause.source}`))]);
      expect(was()).toEqual(before);
      expect(host.machine.exec("ls /root/ran").code).not.toBe(0);
    },
    60_000,
  );

  it("stays in its database when it names it, as with --databases", () => {
    sh("mariadb-dump --databases characters --routines --events >/root/named.sql");
    const before = all("characters");
    well("load_dump /root/named.sql c__new");
    expect([all("c__new"), all("characters")]).toEqual([before, before]);
  });

  it("meets a full disk", () => {
    sh(`zstd -dcq ${dump("characters")} >/root/c.sql && systemctl stop mariadb && mv /var/lib/mysql /var/lib/mysql.kept &&
      mkdir /var/lib/mysql && mount -t tmpfs -o size=$(($(du -sm /var/lib/mysql.kept | cut -f 1) + 2))m tmpfs /var/lib/mysql &&
      cp -a /var/lib/mysql.kept/. /var/lib/mysql && chown mysql: /var/lib/mysql && systemctl start mariadb`);
    const before = all("characters");
    const { code, err } = lib("load_dump /root/c.sql c__new");
    expect([code, err]).toEqual([1, expect.stringMatching(/c\.sql cannot be restored: the disk is full/)]);
    expect([databases().includes("c__new"), all("characters")]).toEqual([false, before]);
  });
});

/** Adds a statement to a dump without a manifest, before its last line. */
function more(statement: string): string {
  return `rm manifest; zstd -dcq c.sql.zst >/root/y && { head -n -1 /root/y; printf '${statement.replaceAll("'", "'\\''")}\\n'; tail -n 1 /root/y; } | zstd -qf -o c.sql.zst`;
}
