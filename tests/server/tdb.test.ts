import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applied, prepared, root, sourceArgs, tdbArgs, tdbName } from "./built";
import { lab, type Machine } from "./on-machine";

const address = "http://127.0.0.1:8099";
const place = `${root}/work/worldserver`;

lab.describe("the tdb step", () => {
  let machine: Machine;
  const look = (more = {}) => machine.observe("tdb", "tdb", { ...tdbArgs, ...more });
  const fails = (more: object) => {
    const { code, err } = machine.apply("tdb", "tdb", { ...tdbArgs, ...more });
    expect(code).not.toBe(0);
    return err;
  };
  const missing = `the world database is empty, and ${place}/${tdbName}.sql is missing`;

  beforeAll(() => {
    machine = prepared("t-tdb");
    machine.sh(
      `rm -f ${place}/*.sql; systemctl start mariadb; mariadb -e 'CREATE DATABASE world'
      cat >/srv/cutting.py`,
      { stdin: readFileSync(join(__dirname, "cutting-server.py")) },
    );
    machine.sh(`systemd-run --quiet --unit=files python3 /srv/cutting.py /srv/tdb 8099
      until curl -s -o /dev/null ${address}/; do sleep 0.1; done`);
    applied(machine, "source", sourceArgs);
  }, 300_000);
  afterAll(() => machine?.stop());

  it("goes on with a download that was cut, and puts the dump in place whole", () => {
    const source = `${address}/cut900/${tdbName}.7z`;
    expect(look({ source })).toEqual([missing]);
    // Four cuts of 900 bytes are not enough for all of it, or they are: either way nothing is fetched twice.
    const first = machine.apply("tdb", "tdb", { ...tdbArgs, source: source.replace("cut900", "cut500") });
    expect([first.code, first.err]).toEqual([1, expect.stringContaining("what has arrived is kept")]);
    applied(machine, "tdb", { ...tdbArgs, source: source.replace("cut900", "cut500") });
    expect(
      machine.sh(`cmp ${place}/${tdbName}.sql /srv/tdb/${tdbName}.sql; stat -c %U ${place}/*.sql; ls ${root}/work`),
    ).toBe("trinity\nauthserver\nworldserver");
    const ranges = machine.sh("journalctl -u files -o cat | grep '^range '").split("\n");
    expect(ranges.slice(0, 5)).toEqual(["range 0", "range 500", "range 1000", "range 1500", "range 2000"]);
    expect(look({ source })).toEqual([]);
  });

  it("starts over where a server cannot go on", () => {
    machine.sh(`rm -f ${place}/*.sql`);
    const source = `${address}/whole/${tdbName}.7z`;
    const part = `${root}/work/tdb/${tdbName}.7z.${machine.sh(`echo ${source} | sha256sum | cut -c 1-8`)}.part`;
    machine.sh(`install -d -o trinity ${root}/work/tdb; head -c 100 /dev/urandom >${part}; chown trinity ${part}`);
    applied(machine, "tdb", { ...tdbArgs, source });
    expect(machine.sh(`cmp ${place}/${tdbName}.sql /srv/tdb/${tdbName}.sql && echo same`)).toBe("same");
  });

  it("takes a file on the server, packed or not, and checks its sum", () => {
    machine.sh(`rm -f ${place}/*.sql`);
    const source = `/srv/tdb/${tdbName}.7z`;
    const sha256 = machine.sh(`sha256sum ${source} | cut -d ' ' -f 1`);
    expect(fails({ source, sha256: "0".repeat(64) })).toMatch(
      /is not the file that trinitycore:realms\.wotlk\.tdb\.sha256 names\n {2}wanted 0{64}\n {2}came {3}[0-9a-f]{64}/,
    );
    expect(look()).toEqual([missing]);
    applied(machine, "tdb", { ...tdbArgs, source, sha256 });
    machine.sh(`rm -f ${place}/*.sql`);
    applied(machine, "tdb", { ...tdbArgs, source: `/srv/tdb/${tdbName}.sql` });
    expect(machine.sh(`ls /srv/tdb ${place}`)).toContain(`${tdbName}.7z`);
    expect(look()).toEqual([]);
  });

  it("records the sums of what it puts in place, and refuses another file though it lies there", () => {
    const dump = `${place}/${tdbName}.sql`;
    const sumOf = (file: string) => machine.sh(`sha256sum ${file} | cut -d ' ' -f 1`);
    const [archive, plain] = [sumOf(`/srv/tdb/${tdbName}.7z`), sumOf(`/srv/tdb/${tdbName}.sql`)];
    machine.sh(`rm -f ${place}/*.sql`);
    const { out } = machine.apply("tdb", "tdb", { ...tdbArgs, source: `/srv/tdb/${tdbName}.7z` });
    expect(out).toContain(`outcome: ${tdbName}.sql, sha256 ${plain}, from a file with sha256 ${archive}\n`);
    expect(machine.sh("cat /var/lib/trinity-stack/world-content")).toBe(
      `content=${tdbName}.sql\nsum=${plain}\ncame=${archive}`,
    );
    expect(look({ sha256: archive })).toEqual([]);
    expect(look({ sha256: plain })).toEqual([]);
    // A sum that the config gets later is held against what lies there, packed or not.
    for (const source of [`/srv/tdb/${tdbName}.7z`, `/srv/tdb/${tdbName}.sql`]) {
      expect(look({ source, sha256: "0".repeat(64) })).toEqual([
        `the world database is empty, and ${dump} is not from the file that trinitycore:realms.wotlk.tdb.sha256 names`,
      ]);
      expect(fails({ source, sha256: "0".repeat(64) })).toContain(
        "is not the file that trinitycore:realms.wotlk.tdb.sha256 names",
      );
    }
    // Somebody changes it, or puts their own there.
    machine.sh(`echo 'DROP DATABASE mysql;' >>${dump}`);
    expect(look()).toEqual([`the world database is empty, and ${dump} is not what was put there: its sum differs`]);
    applied(machine, "tdb", { ...tdbArgs, source: `/srv/tdb/${tdbName}.sql`, sha256: plain });
    expect(sumOf(dump)).toBe(plain);
    machine.sh(`rm /var/lib/trinity-stack/world-content; echo >>${dump}`);
    expect(look()).toEqual([`the world database is empty, and the sum of ${dump} is not on record`]);
    applied(machine, "tdb", tdbArgs);
    expect(machine.sh("sed -n s/^came=//p /var/lib/trinity-stack/world-content")).toBe(sumOf(dump));
    expect(look()).toEqual([]);
  });

  it("refuses what is for another core, what is no archive, and what is not there", () => {
    machine.sh(
      `rm -f ${place}/*.sql; cp /srv/tdb/${tdbName}.sql /srv/tdb/other.sql; cd /srv/tdb; 7z a -bd odd.7z other.sql >/dev/null; echo junk >junk.7z`,
    );
    expect(fails({ source: `${address}/whole/TDB_full_world_335.26091_2026_09_09.7z` })).toContain(
      `this source needs ${tdbName}.sql, but trinitycore:realms.wotlk.tdb.source names TDB_full_world_335.26091_2026_09_09.7z`,
    );
    expect(fails({ source: "/srv/tdb/odd.7z" })).toContain(
      `this source needs ${tdbName}.sql, but odd.7z holds other.sql`,
    );
    expect(fails({ source: "/srv/tdb/junk.7z" })).toContain("junk.7z cannot be unpacked");
    expect(fails({ source: `${address}/whole/nosuch.7z` })).toMatch(/could not be fetched from .*nosuch\.7z\n.*404/);
    expect(fails({ source: "/srv/none.7z" })).toContain("there is no file /srv/none.7z on the host");
    expect(fails({ source: "/srv/tdb/odd.7z", min_disk_mb: 99_000_000 })).toContain(
      "MB free; the world's content needs 99000000 MB",
    );
  });

  it("has nothing to do once the world is filled", () => {
    machine.sh("mariadb world -e 'CREATE TABLE version (x int)'");
    expect(look()).toEqual([]);
    machine.sh("echo 'world world' >/var/lib/trinity-stack/importing");
    expect(look()).toEqual([missing]);
    machine.sh("rm /var/lib/trinity-stack/importing; systemctl stop mariadb");
    expect(look()).toEqual([
      "blind: MariaDB does not answer, so it cannot be told whether the world database still needs its content",
    ]);
  });
});
