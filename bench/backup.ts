/**
 * What a player's change waits for while a backup is made: a small transaction again and again, with nothing else going
 * on, then during backups. `npm run bench:backup [rows]`, with so many rows in each of two tables. Look at the ratio:
 * machines differ and are shared.
 */
import { BackupMachine } from "../tests/server/backup-machine";

const [rows = 400_000] = process.argv.slice(2).map(Number);

/** Times a transaction until the table `stop` has a row. */
const probe = `USE characters;
INSERT INTO purse SELECT seq, 1000 FROM seq_20001_to_${rows}; INSERT INTO bank SELECT seq, 1000 FROM seq_20001_to_${rows};
CREATE TABLE waits (round INT, us BIGINT); CREATE TABLE stop (id INT);
DELIMITER //
CREATE PROCEDURE probe(r INT) BEGIN
  DECLARE began DATETIME(6);
  WHILE NOT EXISTS (SELECT * FROM stop) DO
    SET began = SYSDATE(6);
    CALL move(FLOOR(1 + RAND() * ${rows}));
    INSERT INTO waits VALUES (r, TIMESTAMPDIFF(MICROSECOND, began, SYSDATE(6)));
    DO SLEEP(0.002);
  END WHILE;
END//
`;

const host = new BackupMachine("bench-backup");
try {
  host.machine.sh("mariadb", { stdin: probe });
  const time = (round: number, meanwhile: () => void) => {
    host.sql("DELETE FROM characters.stop");
    host.beside("probe", `mariadb characters -e 'CALL probe(${round})'`);
    meanwhile();
    host.sql("INSERT INTO characters.stop VALUES (1)");
    host.machine.sh("while systemctl is-active -q probe; do sleep 0.1; done");
    const part = (of: number) =>
      Number(
        host.sql(`SELECT us FROM (SELECT us, ROW_NUMBER() OVER (ORDER BY us) n, COUNT(*) OVER () c FROM characters.waits
          WHERE round = ${round}) a WHERE n = CEIL(c * ${of})`),
      ) / 1000;
    return { half: part(0.5), most: part(0.99), all: part(1) };
  };
  const alone = time(1, () => host.machine.sh("sleep 20"));
  const during = time(2, () => {
    for (let round = 0; round < 3; round++) host.make();
  });
  const line = (name: string, { half, most, all }: typeof alone) =>
    `${name.padEnd(16)}${[half, most, all].map((ms) => `${ms.toFixed(1)} ms`.padStart(12)).join("")}`;
  console.log(`${"".padEnd(16)}${["half", "99 of 100", "all"].map((title) => title.padStart(12)).join("")}`);
  console.log(`${line("alone", alone)}\n${line("during a backup", during)}`);
  console.log(`ratio of half: ${(during.half / alone.half).toFixed(2)}`);
} finally {
  host.stop();
}
