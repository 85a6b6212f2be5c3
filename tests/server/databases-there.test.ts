/** Whose databases those are that are on a server already, in a look that changes nothing. */
import { schemaArgs } from "./built";
import { databaseKey } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

const columns = (tables: string) =>
  tables
    .split(" ")
    .map((table) => `CREATE TABLE ${table} (id int);`)
    .join("");
const updates = (...folders: string[]) =>
  `CREATE TABLE updates (name varchar(200), timestamp timestamp); INSERT INTO updates VALUES ('2023_05_01_00.sql', '2023-05-02');
   CREATE TABLE updates_include (path varchar(200)); ${folders.map((path) => `INSERT INTO updates_include VALUES ('${path}');`).join("")}`;
const trinity = {
  auth: `${columns("account account_access realmlist")} INSERT INTO account VALUES (1), (2); ${updates("$/sql/updates/auth", "$/sql/old/3.3.5a/auth")}`,
  characters: `${columns("characters guild")} ${updates("$/sql/updates/characters")}`,
  world: `${columns("creature_template trinity_string shop")} CREATE TABLE version (core_version text, db_version text);
    INSERT INTO version VALUES ('TrinityCore rev. 0123456789ab 2023-05-01', 'TDB 335.23011'); ${updates()}`,
};
const spoil = (role: string) =>
  `not one of TrinityCore 3.3.5, whose updates would spoil it; name another in ${databaseKey(role)}.name, or move this one away`;

lab.describe("databases that are there already", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-there", "baked");
    server.sh("systemctl start mariadb");
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  /** The sentences of a look at databases that are made so; what is not given has no tables. */
  const look = (given: Partial<Record<"auth" | "characters" | "world", string>>): string[] => {
    const made = (["auth", "characters", "world"] as const).map(
      (role) => `DROP DATABASE IF EXISTS ${role}; CREATE DATABASE ${role}; USE ${role}; ${given[role] ?? ""}`,
    );
    server.sh("mariadb", { stdin: made.join("\n") });
    return server.observe("schema", "schema", schemaArgs).filter((line) => /^(refused|foretold|hint): /.test(line));
  };

  it.each([
    [
      "AzerothCore's",
      { auth: updates("$/data/sql/updates/db_auth"), world: columns("acore_string version_db_world") },
      [
        `refused: the auth database auth is AzerothCore's (1 update, the last on 2023-05-02), ${spoil("auth")}`,
        `refused: the world database world is AzerothCore's, ${spoil("world")}`,
      ],
    ],
    [
      "AzerothCore's of before it had an updater",
      { characters: `${columns("characters version_db_characters")} INSERT INTO characters VALUES (1);` },
      [`refused: the characters database characters is AzerothCore's (1 character), ${spoil("characters")}`],
    ],
    [
      "a MaNGOS core's",
      {
        auth: columns("account realmlist realmd_db_version"),
        world:
          "CREATE TABLE db_version (version text); INSERT INTO db_version VALUES ('WoTLKDB 1.9'); CREATE TABLE creature_template (id int)",
      },
      [
        `refused: the auth database auth is a MaNGOS core's (0 accounts), ${spoil("auth")}`,
        `refused: the world database world is a MaNGOS core's (WoTLKDB 1.9), ${spoil("world")}`,
      ],
    ],
    [
      "OregonCore's",
      {
        characters: columns("characters saved_variables updates"),
        world: columns("creature_template oregon_string updates"),
      },
      [
        `refused: the characters database characters is an older or another core's, or was not imported whole: it has no updates_include (0 characters), ${spoil("characters")}`,
        `refused: the world database world is OregonCore's, ${spoil("world")}`,
      ],
    ],
    [
      "of another branch of TrinityCore",
      {
        auth: `${trinity.auth} ${columns("battlenet_accounts")}`,
        characters: `${columns("characters")} ${updates("$/sql/updates/characters", "$/sql/old/10.x/characters")}`,
      },
      [
        expect.stringContaining(`auth is of another branch of TrinityCore (2 accounts, 1 update,`),
        expect.stringContaining(`characters is of another branch of TrinityCore (0 characters, `),
      ],
    ],
    [
      "a shop's",
      { characters: columns("orders customers stock bills"), world: columns("photos") },
      [
        `refused: the characters database characters is something else's: it holds bills, customers, orders and more, ${spoil("characters")}`,
        `refused: the world database world is something else's: it holds photos, ${spoil("world")}`,
      ],
    ],
    [
      "TrinityCore's, but exchanged",
      { auth: trinity.characters, characters: trinity.world },
      [
        expect.stringContaining("the auth database auth is a characters database (0 characters,"),
        expect.stringContaining("the characters database characters is a world database (TrinityCore rev. 0123"),
      ],
    ],
    [
      "half imported",
      { world: columns("creature_template gossip_menu") },
      [expect.stringContaining("was not imported whole: it has no trinity_string, not one of TrinityCore 3.3.5")],
    ],
  ])("are %s, and refused", (_whose, given, said) => {
    expect(look(given)).toEqual(said);
  });

  it("are TrinityCore's, with a website's tables too, and what becomes of them is foretold", () => {
    expect(look(trinity)).toEqual([
      "foretold: the auth database auth is TrinityCore's already (2 accounts, 1 update, the last on 2023-05-02): it is taken over as it is, and brought up to date",
      "foretold: the characters database characters is TrinityCore's already (0 characters, 1 update, the last on 2023-05-02): it is taken over as it is, and brought up to date",
      "foretold: the world database world is TrinityCore's already (TrinityCore rev. 0123456789ab 2023-05-01, TDB 335.23011, 1 update, the last on 2023-05-02): it is taken over as it is, and brought up to date",
      "foretold: no update of a database can be taken back: make a backup first, e.g. mariadb-dump --single-transaction --routines --triggers --events --databases auth characters world >before.sql",
    ]);
  });

  it("are this stack's own by its record, unless another core's were put there since", () => {
    server.sh(
      "mkdir -p /var/lib/trinity-stack && printf '%s\\n' auth=auth characters=characters world=world >/var/lib/trinity-stack/schema",
    );
    expect(look(trinity)).toEqual([]);
    expect(look({ world: columns("creature_template") })).toEqual([]);
    expect(look({ world: columns("creature_template acore_string") })).toEqual([
      expect.stringContaining("the world database world is AzerothCore's"),
    ]);
    server.sh("rm /var/lib/trinity-stack/schema; echo 'world world' >/var/lib/trinity-stack/importing");
    expect(look({ world: columns("creature_template") })).toEqual([]);
    server.sh("rm /var/lib/trinity-stack/importing");
  });

  it("need no name of their own: none is there", () => {
    expect(look({})).toEqual([]);
  });

  it.each([
    ["STRICT_TRANS_TABLES,ANSI_QUOTES,NO_BACKSLASH_ESCAPES", undefined, ""],
    ["TRADITIONAL", undefined, ""],
    ["ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES", "ONLY_FULL_GROUP_BY", "STRICT_TRANS_TABLES"],
    ["ORACLE,ONLY_FULL_GROUP_BY", "ONLY_FULL_GROUP_BY ORACLE", expect.anything()],
  ])("are asked about where sql_mode is %s, and refused where no server would start", (mode, unfit, rest) => {
    look({});
    server.sh(`mariadb -e "SET GLOBAL sql_mode = '${mode}'"`);
    const said = server.observe("schema", "schema", schemaArgs).filter((line) => line.startsWith("refused: "));
    if (unfit === undefined) expect(said).toEqual([]);
    else {
      expect(said).toHaveLength(1);
      const [, named, set] =
        /^refused: MariaDB's sql_mode has (.*), with which TrinityCore's servers do not start; .* = '(.*)'"$/.exec(
          said[0] as string,
        ) as RegExpExecArray;
      expect([named, set]).toEqual([unfit, rest]);
    }
  });
});
