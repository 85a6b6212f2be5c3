import { randomBytes } from "node:crypto";
import { seal, unseal } from "../support/two-factor";
import { lab, type Machine, onMachine } from "./on-machine";

const socket = "/run/mysqld/mysqld.sock";
const where = { socket, database: "auth-1" };
const scripts = "/usr/local/libexec/trinity-stack/current";
const record = "/var/lib/trinity-stack/master-secrets";
const [OLD, NEW, FOREIGN] = ["0A".repeat(16), "00FF".repeat(8), "C0".repeat(16)];
const hexOf = (name: string) => Buffer.from(name).toString("hex");
const secretOf = (size: number, byte = 7) => Buffer.alloc(size, byte);

/** The core's own tables, as far as they matter here. */
const schema = `CREATE DATABASE \`auth-1\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; USE \`auth-1\`;
  CREATE TABLE account (id int unsigned AUTO_INCREMENT PRIMARY KEY, username varchar(32) NOT NULL, totp_secret varbinary(128), UNIQUE KEY idx_username (username));
  CREATE TABLE secret_digest (id int unsigned NOT NULL PRIMARY KEY, digest varchar(100) NOT NULL);
  INSERT INTO account VALUES (1, 'PLAYER', NULL), (2, 'BOSS', NULL), (3, 'GUIDE', NULL);`;

lab.describe("two-factor secrets on a host", () => {
  let host: Machine;
  beforeAll(() => {
    host = onMachine("t-twofactor", "baked");
    host.sh("systemctl start mariadb");
  }, 300_000);
  afterAll(() => host?.stop(), 60_000);

  type Secrets = Record<string, string>;
  const secrets = (master = OLD, more: Secrets = { [`totp.${hexOf("BOSS")}`]: secretOf(10).toString("hex") }) => ({
    master,
    ...more,
  });
  const observe = (accounts = ["BOSS on", "GUIDE off"], given: Secrets = secrets()) =>
    host.observe("two-factor", "two-factor", { ...where, accounts }, given);
  const apply = (accounts = ["BOSS on", "GUIDE off"], given: Secrets = secrets()) =>
    host.apply("two-factor", "two-factor", { ...where, accounts }, given);
  const asWanted = (accounts?: string[], given?: Secrets) => {
    expect(apply(accounts, given)).toMatchObject({ code: 0, err: "" });
    expect(observe(accounts, given)).toEqual([]);
  };
  const sql = (statement: string) => host.sh("mariadb -N -B auth-1", { stdin: statement });
  const stored = (name: string) =>
    Buffer.from(sql(`SELECT IFNULL(HEX(totp_secret), '') FROM account WHERE username = '${name}'`), "hex");
  const put = (name: string, value: Buffer) =>
    sql(`UPDATE account SET totp_secret = x'${value.toString("hex")}' WHERE username = '${name}'`);
  const inForce = (digest: string, master?: string) => {
    sql(`REPLACE INTO secret_digest VALUES (0, '${digest}')`);
    if (master)
      host.sh(`mkdir -p ${record.replace(/[^/]*$/, "")}; (umask 077; echo '${master} ${digest}' >>${record})`);
  };
  /** Calls the library's functions. */
  const shell = (script: string) => host.sh(`. ${scripts}/run/libraries.sh; ARG[socket]=${socket}; ${script}`);

  it("are blind before the tables are there", () => {
    expect(observe()).toEqual([
      "blind: the tables of auth-1 are not there yet as the core has them, so two-factor secrets cannot be looked at",
    ]);
    host.sh("mariadb", { stdin: schema });
  });

  it.each([10, 15, 16, 17, 20, 32, 64, 104])("encrypts %d bytes as the core does", (size) => {
    for (const master of [OLD, NEW]) {
      const [secret, iv] = [randomBytes(size), randomBytes(12)];
      const made = shell(`sealed ${master} ${iv.toString("hex")} ${secret.toString("hex")}`);
      expect(made).toBe(seal(master, secret, iv).toString("hex"));
      expect(unseal(master, Buffer.from(made, "hex"))).toEqual(secret);
      const broken = `${made.slice(0, -1)}${made.endsWith("0") ? 1 : 0}`;
      const tries = [
        [master, made],
        [FOREIGN, made],
        [master, broken],
      ].map(([with_, text]) => `opens ${with_} ${text}`);
      expect(shell(tries.map((each) => `${each} && echo yes || echo no`).join("; "))).toBe("yes\nno\nno");
    }
  });

  it("are given to the accounts of the config, and to no other", () => {
    inForce("digest-1", OLD);
    put("PLAYER", seal(OLD, secretOf(20)));
    const player = stored("PLAYER");
    expect(observe()).toEqual(["the account BOSS has no two-factor secret"]);
    asWanted();
    expect(unseal(OLD, stored("BOSS"))).toEqual(secretOf(10));
    expect([stored("PLAYER"), stored("GUIDE").length]).toEqual([player, 0]);
    expect(apply().out).toBe("as it should be\n");
  });

  it.each([
    [
      "taken away in the game",
      "UPDATE account SET totp_secret = NULL WHERE id = 2",
      "the account BOSS has no two-factor secret",
    ],
    [
      "another",
      `UPDATE account SET totp_secret = x'${seal(OLD, secretOf(10, 8)).toString("hex")}' WHERE id = 2`,
      "the two-factor secret of the account BOSS is not the config's",
    ],
    [
      "one that the core cannot decrypt",
      "UPDATE account SET totp_secret = REPEAT('x', 34) WHERE id = 2",
      "the two-factor secret of the account BOSS is not the config's",
    ],
    [
      "too short for the core",
      "UPDATE account SET totp_secret = 'x' WHERE id = 2",
      "the two-factor secret of the account BOSS is not the config's",
    ],
  ])("see %s, and put it right", (_, change, sentence) => {
    sql(change);
    expect(observe()).toEqual([sentence]);
    asWanted();
    expect(unseal(OLD, stored("BOSS"))).toEqual(secretOf(10));
  });

  it("tell of a player who cannot log in, and leave that secret", () => {
    const good = stored("PLAYER");
    put("PLAYER", seal(FOREIGN, secretOf(20)));
    expect(observe()).toEqual([
      expect.stringMatching(
        /^hint: nobody can log in to the account PLAYER: its two-factor secret was encrypted with another/,
      ),
    ]);
    put("PLAYER", good);
  });

  describe("when another master secret is wanted", () => {
    it("say whose secrets are encrypted anew, and go on with the one in force until the authserver restarts", () => {
      const told =
        "hint: the two-factor secret of 2 accounts is encrypted with the new master secret as soon as the authserver restarts; the worldserver restarts with it, and codes stay as they are";
      expect(observe(undefined, secrets(NEW))).toEqual([told]);
      const other = secrets(NEW, { [`totp.${hexOf("BOSS")}`]: secretOf(12).toString("hex") });
      expect(apply(undefined, other)).toMatchObject({ code: 0, err: "" });
      expect(unseal(OLD, stored("BOSS"))).toEqual(secretOf(12));
      expect(observe(undefined, other)).toEqual([told]);
      asWanted();
    });

    it("refuse one that is not the one of a database from elsewhere, and take the right one", () => {
      sql("UPDATE secret_digest SET digest = 'elsewhere'");
      put("PLAYER", seal(FOREIGN, secretOf(20)));
      put("BOSS", seal(FOREIGN, secretOf(10)));
      expect(observe()).toEqual([
        expect.stringMatching(
          /^refused: 2 accounts in auth-1 have a two-factor secret .* pulumi config set --secret --path trinitycore:login.totpMasterSecret$/,
        ),
      ]);
      expect(observe(undefined, secrets(FOREIGN))).toEqual([]);
      put("PLAYER", seal(OLD, secretOf(20)));
      put("BOSS", seal(OLD, secretOf(10)));
      sql("UPDATE secret_digest SET digest = 'digest-1'");
      expect(observe()).toEqual([]);
    });
  });

  describe("around a start of the authserver", () => {
    const environment = "/etc/trinity-stack/authserver.env";
    const given = "/run/trinity-stack/two-factor.env";
    const next = `${record}.next`;
    const wanted = (master: string) =>
      host.sh(`mkdir -p /etc/trinity-stack; printf 'A="b"\\nTC_TOTPMASTER_SECRET="%s"\\n' ${master} >${environment}`);
    const prepare = () => {
      host.sh(`${scripts}/units/master-secret.sh prepare ${environment} ${socket} auth-1`.replace(/^/, "bash "));
      return host.sh(`cat ${given} 2>/dev/null || true`);
    };
    /** A process with that in its environment, in the place of a server. */
    const runs = (unit: string, master: string) =>
      host.sh(
        `systemctl stop ${unit} 2>/dev/null; systemd-run -q --unit=${unit} ${master && `-E TC_TOTPMASTER_SECRET=${master}`} sleep infinity`,
      );
    const settle = () =>
      host.sh(
        `MAINPID=$(systemctl show -P MainPID authserver) bash ${scripts}/units/master-secret.sh settle ${socket} auth-1`,
      );

    it("gives nothing beside the master secret in force", () => {
      wanted(OLD);
      expect(prepare()).toBe("");
    });

    it("gives the old one when another is wanted, and keeps both until the core has taken it", () => {
      wanted(NEW);
      for (const _cutOff of [1, 2]) expect(prepare()).toBe(`TC_TOTPOLD_MASTER_SECRET="${OLD}"`);
      expect(host.sh(`stat -c %a ${given} ${next} ${record}; cat ${next}`)).toBe(`600\n600\n600\n${NEW}`);
      // The core did it, and the host went down before that was noted; now yet another one is wanted.
      inForce("digest-2");
      wanted(FOREIGN);
      for (const _cutOff of [1, 2]) expect(prepare()).toBe(`TC_TOTPOLD_MASTER_SECRET="${NEW}"`);
      expect(host.sh(`cat ${record} ${next}`)).toBe(`${OLD} digest-1\n${NEW} digest-2\n${FOREIGN}`);
      inForce("digest-3");
      wanted(NEW);
      expect(prepare()).toBe(`TC_TOTPOLD_MASTER_SECRET="${FOREIGN}"`);
    });

    it("notes the one that the authserver runs with, and gives the old one no longer", () => {
      sql("UPDATE secret_digest SET digest = 'digest-4'");
      runs("authserver", NEW);
      settle();
      expect(host.sh(`cat ${record}; stat -c %a ${record}; ls ${given} ${next} 2>/dev/null || true`)).toBe(
        `${OLD} digest-1\n${NEW} digest-2\n${FOREIGN} digest-3\n${NEW} digest-4\n600`,
      );
      settle();
      expect(host.sh(`wc -l <${record}`)).toBe("4");
      expect(prepare()).toBe("");
    });

    it("knows former ones again, when an older backup of the database is restored", () => {
      sql("UPDATE secret_digest SET digest = 'digest-1'");
      expect(prepare()).toBe(`TC_TOTPOLD_MASTER_SECRET="${OLD}"`);
    });

    it.each([
      ["the old one", OLD, OLD, "digest-1"],
      ["none", "", "", ""],
    ])("stays with %s while a worldserver runs with it", (_, runningWith, kept, digest) => {
      sql(digest ? `UPDATE secret_digest SET digest = '${digest}'` : "DELETE FROM secret_digest");
      runs("worldserver", runningWith);
      expect(prepare()).toBe(`TC_TOTPMASTER_SECRET="${kept}"`);
      expect(shell("former_master_runs && echo yes")).toBe("yes");
      host.sh("systemctl stop worldserver");
      expect(prepare()).toBe(digest ? `TC_TOTPOLD_MASTER_SECRET="${OLD}"` : "");
    });

    it("hands over from the one that a backup was made with, when its database is put back", () => {
      const before = host.sh(`cat ${record}`);
      const lines = [`${FOREIGN} digest-of-then`, before.split("\n")[0], "no line of a record"];
      shell(`printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} | know_masters_of_backup`);
      expect(host.sh(`cat ${record}; stat -c '%a %U' ${record}`)).toBe(
        `${FOREIGN} digest-of-then\n${before}\n600 root`,
      );
      sql("REPLACE INTO secret_digest VALUES (0, 'digest-of-then')");
      expect(prepare()).toBe(`TC_TOTPOLD_MASTER_SECRET="${FOREIGN}"`);
      host.sh(`sed -i 1d ${record}`);
    });

    it("waits for no worldserver that starts at the same time, and has no environment of its own yet", () => {
      sql("UPDATE secret_digest SET digest = 'digest-1'");
      inForce("digest-1");
      // Its output goes nowhere yet, so systemd cannot make it the program.
      host.sh(`mkfifo /run/held && systemd-run -q --unit=worldserver -E TC_TOTPMASTER_SECRET=${NEW} \
        -p StandardOutput=file:/run/held sleep infinity`);
      expect(prepare()).toBe(`TC_TOTPOLD_MASTER_SECRET="${OLD}"`);
      expect(host.sh("basename $(readlink /proc/$(systemctl show -P MainPID worldserver)/exe)")).toMatch(/^systemd/);
      host.sh("systemctl stop worldserver; rm /run/held");
    });

    it("leaves everything to the authserver while MariaDB does not answer", () => {
      host.sh("systemctl stop mariadb");
      expect(prepare()).toBe("");
      expect(observe()).toEqual([
        `blind: MariaDB does not answer on ${socket}, so two-factor secrets cannot be looked at`,
      ]);
      host.sh("systemctl start mariadb");
    });
  });

  it("go when they are taken out of the config, and stay with an account that goes itself, and when the stack goes", () => {
    inForce("digest-9", OLD);
    put("PLAYER", seal(OLD, secretOf(20)));
    asWanted();
    const off = ["BOSS off", "GUIDE off"];
    expect(observe(off, { master: OLD })).toEqual([
      "the account BOSS has a two-factor secret, which is not in the config any more",
    ]);
    expect(apply(off, { master: OLD })).toMatchObject({
      code: 0,
      out: expect.stringContaining("removing secret BOSS"),
    });
    expect(stored("BOSS")).toHaveLength(0);
    asWanted();
    const kept = stored("BOSS");
    expect(apply(["GUIDE off"], { master: OLD }).out).toContain("kept: the two-factor secret of the account BOSS");
    asWanted();
    expect(host.undo("two-factor")).toMatchObject({ code: 0 });
    expect([stored("BOSS"), host.sh(`wc -l <${record}`)]).toEqual([kept, "5"]);
  });

  it("leave no secret and no key where others read", () => {
    const words = [
      OLD,
      NEW,
      OLD.toLowerCase(),
      secretOf(10).toString("hex"),
      NEW.match(/../g)?.reverse().join("").toLowerCase(),
    ];
    const found = host.sh(
      "grep -rlaiF -f - /var/lib/trinity-stack /run/trinity-stack /tmp /var/log 2>/dev/null | grep -v journal || true",
      { stdin: words.join("\n") },
    );
    expect(found.split("\n").filter((file) => !file.startsWith(record))).toEqual([]);
  });
});
