/** A host with two databases, and all that the stack makes for backups of them. */
import {
  backupAccountPlan,
  backupNowPlan,
  backupPlan,
  backupUserPlan,
  drillPlan,
} from "../../components/backups/plans";
import { quote } from "../../ssh/shell";
import type { Plan } from "../../steps/plan";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { type Machine, onMachine, type Ran } from "./on-machine";

const scripts = "/usr/local/libexec/trinity-stack/current";
export const FOLDER = "/var/backups/trinity";

/** With one of each kind of thing, accounts that balance, and names and values that are hard to carry. */
const content = `
CREATE DATABASE authserver CHARACTER SET utf8mb4; CREATE DATABASE characters CHARACTER SET utf8mb4;
CREATE TABLE authserver.account (id INT PRIMARY KEY AUTO_INCREMENT, username VARCHAR(32), verifier BINARY(4)) ENGINE=InnoDB;
INSERT INTO authserver.account (username, verifier) VALUES ('Ä\\n(b''),', x'00ff270a'), ('B', x'5c5c5c5c');
CREATE TABLE authserver.updates (name VARCHAR(200) PRIMARY KEY, timestamp TIMESTAMP);
INSERT INTO authserver.updates VALUES ('2026_06_01_00_auth.sql', '2026-06-01'), ('2026_06_02_00_auth.sql', '2026-06-02');
CREATE VIEW authserver.people AS SELECT id, username FROM authserver.account;
USE characters;
CREATE TABLE purse (id INT PRIMARY KEY, gold INT NOT NULL) ENGINE=InnoDB;
CREATE TABLE bank (id INT PRIMARY KEY, gold INT NOT NULL) ENGINE=InnoDB;
INSERT INTO purse SELECT seq, 1000 FROM seq_1_to_20000; INSERT INTO bank SELECT seq, 1000 FROM seq_1_to_20000;
CREATE TABLE log (what VARCHAR(20)); CREATE TABLE \`odd\`\`name\` (\`x y\` FLOAT, at DATETIME); INSERT INTO \`odd\`\`name\` VALUES (1.5, NULL);
DELIMITER //
CREATE TRIGGER noted BEFORE DELETE ON bank FOR EACH ROW BEGIN INSERT INTO log VALUES ('gone'); END//
CREATE PROCEDURE move(who INT) BEGIN
  START TRANSACTION; UPDATE purse SET gold = gold - 1 WHERE id = who; UPDATE bank SET gold = gold + 1 WHERE id = who; COMMIT;
END//
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n//
CREATE EVENT weekly ON SCHEDULE EVERY 1 WEEK DO DELETE FROM log//
`;

export class BackupMachine {
  readonly machine: Machine;
  readonly plans: Readonly<Record<"user" | "account" | "backup" | "now" | "drill", Plan>>;

  constructor(name: string, values: Record<string, string> = {}) {
    const settings = onLab(load(values));
    this.plans = {
      user: backupUserPlan(settings),
      account: backupAccountPlan(settings, facts()),
      backup: backupPlan(settings, facts()),
      now: backupNowPlan(settings, facts()),
      drill: drillPlan(settings, facts()),
    };
    this.machine = onMachine(name, "baked");
    this.machine.sh("systemctl start mariadb && mariadb", { stdin: content });
    for (const plan of Object.values(this.plans)) this.apply(plan);
  }

  apply({ step, kind, args }: Plan): void {
    const { code, out, err } = this.machine.apply(step, kind, args);
    if (code !== 0) throw new Error(`${step}: ${out}${err}`);
  }
  observe({ step, kind, args }: Plan): string[] {
    return this.machine.observe(step, kind, args);
  }
  sql(statement: string): string {
    return this.machine.sh("mariadb -N -B", { stdin: statement });
  }
  backups(): string[] {
    return this.machine.sh(`ls ${FOLDER}`).split("\n").filter(Boolean);
  }
  /** What is in the folder but backups, and locks. */
  rests(): string {
    return this.machine.sh(`ls -A ${FOLDER} | grep '^\\.' | grep -vxE '\\.lock|\\.bash.*|\\.profile' || true`);
  }
  /** Starts a service; what it said, and whether systemd calls it failed. */
  run(which: "backup" | "drill"): { readonly ok: boolean; readonly said: string } {
    const unit = String(this.plans[which].args.unit);
    const { code } = this.machine.exec(`systemctl start ${unit}`);
    const said = this.machine.sh(`journalctl --sync; i=$(systemctl show -P InvocationID ${unit})
      journalctl -q -o cat _SYSTEMD_INVOCATION_ID=$i + INVOCATION_ID=$i`);
    return { ok: code === 0, said };
  }
  /** Asks for one as other scripts of the stack do. */
  now(note: string, ...roles: string[]): Ran {
    const words = [note, ...roles].map(quote).join(" ");
    return this.machine.exec(`. ${scripts}/run/libraries.sh; back_up_now ${words}`);
  }
  /** One more backup, at least a second after the one before. */
  make(): string {
    const { ok, said } = this.run("backup");
    if (!ok) throw new Error(said);
    return this.backups().findLast((name) => /^\d{4}-/.test(name)) as string;
  }
  file(backup: string, name: string): string {
    return this.machine.sh(`cat ${FOLDER}/${backup}/${name}`);
  }
  /** Goes on beside the test until it ends, or is told to. */
  beside(name: string, script: string): void {
    this.machine.sh(`systemd-run --quiet --collect --unit=${name} bash -c "$(cat)"`, { stdin: script });
  }
  endBeside(name: string): void {
    this.machine.exec(`systemctl stop ${name}`);
  }
  stop(): void {
    this.machine?.stop();
  }
}
