import type { Past } from "./past";

/** The texts of the core's updates, byte for byte. */
const textsAreUpstreams = `test "$(mariadb --no-defaults -N -r -e "SELECT HEX(content_default) FROM worldserver.trinity_string WHERE entry = 3")" = \\
  "$(printf '"Say hello"\\nto C:\\\\Games, it'"'"'s free' | od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F)"`;
const rows = (wanted: string) =>
  `test "$(mariadb -N -B -e 'SELECT id, name FROM authserver.realmlist' | tr '\\t' ' ')" = '${wanted}'`;

/** What the databases hold already, how MariaDB reads SQL, and where players are sent. */
export const databases: readonly Past[] = [
  {
    name: "azerothcore-databases",
    what: "another core's databases under the configured names",
    quick: true,
    refused: [
      "schema: the auth database authserver is AzerothCore's (1 account, 1 update, the last on 2021-10-14), not one of TrinityCore 3.3.5",
      "the characters database characters is AzerothCore's (2 characters)",
      "the world database worldserver is AzerothCore's (AzerothCore rev. 747a2a4f0edf 2021-10-13 20:07:19 +0200 (master branch), ACDB 335.5-dev)",
      "name another in trinitycore:realms.wotlk.databases.world.name, or move this one away",
    ],
  },
  {
    name: "shop-named-characters",
    what: "a database of something else under a configured name",
    refused: [
      "the characters database characters is something else's: it holds figures, orders, not one of TrinityCore",
    ],
  },
  {
    name: "trinitycore-before",
    what: "an earlier realm's databases",
    expectWords: [
      "the auth database authserver is TrinityCore's already (1 account, 1 update, the last on ",
      "the characters database characters is TrinityCore's already (2 characters, ",
      "the world database worldserver is TrinityCore's already (TDB 335.25101, ",
      "no update of a database can be taken back: make a backup first",
      `row 1 of authserver.realmlist, the realm "Old times" (198.51.100.7), becomes this realm's`,
    ],
    holds: `test "$(mariadb -N -B -e 'SELECT (SELECT COUNT(*) FROM authserver.account WHERE username = "PLAYER"), (SELECT COUNT(*) FROM characters.characters),
      (SELECT points FROM authserver.shop_points), (SELECT COUNT(*) FROM worldserver.updates)')" = $'1\\t2\\t500\\t3'
      ${rows("1 RoE (WotLK)")}`,
  },
  {
    name: "mysql-client-options",
    what: "options of MariaDB's client under /etc/mysql",
    holds: textsAreUpstreams,
  },
  {
    name: "sql-mode-hostile",
    what: "a sql_mode with ANSI_QUOTES and NO_BACKSLASH_ESCAPES",
    holds: textsAreUpstreams,
  },
  {
    name: "sql-mode-full-group-by",
    what: "a sql_mode with which the servers do not start",
    refused: [
      "MariaDB's sql_mode has ONLY_FULL_GROUP_BY, with which TrinityCore's servers do not start",
      "SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE'",
    ],
  },
  {
    name: "realm-id-2",
    what: "a realm with id 2, where the core's base dump brings a realm 1",
    config: { "trinitycore:realms.wotlk.id": 2, "trinitycore:realms.wotlk.name": "Trinity" },
    holds: rows("2 Trinity"),
  },
  {
    name: "address-unresolved",
    what: "an address that the host cannot resolve",
    config: { "trinitycore:realms.wotlk.address": "realm.invalid" },
    refused: [
      "trinitycore:realms.wotlk.address is realm.invalid, which this host cannot resolve to an IPv4 address within 2 s: the authserver leaves such a realm out",
    ],
  },
  {
    name: "address-of-the-host-name",
    what: "an address that is a loopback address on the host",
    config: { "trinitycore:realms.wotlk.address": "play.lab.test" },
    expectWords: [
      "trinitycore:realms.wotlk.address is play.lab.test, which is 127.0.1.1 on this host, an address of each machine itself",
      "take the name out of its line with 127.0.1.1 in /etc/hosts",
    ],
  },
];
