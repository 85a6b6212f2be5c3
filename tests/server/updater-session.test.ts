/**
 * The session that a release's updates run in, on a server whose people gave MariaDB and its client options of their
 * own.
 */
import { applied, schemaArgs as args, root, tdbName, withDatabases } from "./built";
import { lab, type Machine } from "./on-machine";

/**
 * Options of the client: a folder that cannot be read, another user, words that no client knows, a mode for each
 * session.
 */
const clientOptions = `
  mkdir -p /etc/mysql/conf.d /root/.hidden
  printf '%s\\n' '[client]' 'user=nobody' 'host=203.0.113.1' 'default-character-set=latin1' '[mysql]' 'no-such-option' 'safe-updates' \\
    'init-command=SET sql_mode=ANSI_QUOTES' '[client-mariadb]' 'compress' >/etc/mysql/conf.d/mine.cnf
  printf '!includedir /root/.hidden\\n' >>/etc/mysql/my.cnf
  printf '%s\\n' '[mysql]' 'execute=SELECT 1' 'force' >/var/lib/trinity/.my.cnf && chown trinity /var/lib/trinity/.my.cnf`;

lab.describe("the session that updates run in", () => {
  let machine: Machine;
  const sql = (statements: string) => machine.sh("mariadb --no-defaults -N -B", { stdin: statements });
  /** The world as a release fills it into empty databases under that mode. */
  const filled = (mode: string, more = "") => {
    sql(
      `SET GLOBAL sql_mode = ${mode}; ${more} ${["auth", "characters", "world"]
        .map((d) => `DROP DATABASE ${d}; CREATE DATABASE ${d} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;`)
        .join("")}`,
    );
    machine.sh(`rm -f /var/lib/trinity-stack/{schema,tables}; cp -a /srv/tdb/${tdbName}.sql ${root}/work/worldserver/`);
    applied(machine, "schema", args);
    expect(machine.observe("schema", "schema", args)).toEqual([]);
    return [
      sql(
        "SELECT content_default FROM world.trinity_string WHERE entry = 3; SELECT name FROM world.updates ORDER BY name",
      ),
      sql("CHECKSUM TABLE world.trinity_string, world.creature_template, auth.realmlist, auth.build_info"),
    ];
  };
  let plain: string[];

  beforeAll(() => {
    machine = withDatabases("t-session");
    const id = machine.sh(`basename $(readlink ${root}/candidate)`);
    machine.sh(`ln -sfn releases/${id} ${root}/run`);
    plain = filled("DEFAULT");
  }, 600_000);
  afterAll(() => machine?.stop());

  it("gives the texts of updates as upstream wrote them", () => {
    expect(plain[0]?.split("\n")[0]).toBe(`"Say hello"\\nto C:\\\\Games, it's free`);
  });

  it.each([
    ["'ANSI_QUOTES'", ""],
    ["'NO_BACKSLASH_ESCAPES'", ""],
    ["'ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES,EMPTY_STRING_IS_NULL'", ""],
    ["''", "SET GLOBAL sql_safe_updates = 1; SET GLOBAL autocommit = 0;"],
  ])("gives the same where all sessions begin with sql_mode %s; %s", (mode, more) => {
    expect(filled(mode, more)).toEqual(plain);
    sql("SET GLOBAL sql_safe_updates = 0; SET GLOBAL autocommit = 1");
  });

  it("gives the same whatever options the client has on this server", () => {
    machine.sh(clientOptions);
    expect(filled("DEFAULT")).toEqual(plain);
  });
});
