import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { releasePlan } from "../../../components/core/release";
import { accessPlan } from "../../../components/databases/access";
import { schemaPlan } from "../../../components/databases/schema";
import { tdbPlan } from "../../../components/databases/tdb";
import { logsPlan } from "../../../components/host/logs";
import { userPlan } from "../../../components/host/user";
import { hasPageNames, realmLayout, servers, type WithLayout, withLayout } from "../../../components/layout";
import { refuseOtherKey } from "../../../components/realm/key";
import { realmRowPlan } from "../../../components/realm/row";
import { announcerPlan } from "../../../components/servers/announcer";
import { serverConfigPlan } from "../../../components/servers/config";
import { serverServicePlan } from "../../../components/servers/service";
import { serverUnitPlan } from "../../../components/servers/unit";
import type { RealmSettings } from "../../../settings";
import type { Facts } from "../../../steps/facts";
import type { Plan } from "../../../steps/plan";
import { facts } from "../../server/facts-of";
import { load } from "../settings/source";

const secret = pulumi.secret("hush");
const passwords = { auth: secret, characters: secret, world: secret };
const one = withLayout(load({ restarts: "window" }), facts());
const { login, databases } = one;

/** Another realm on the same host: what it shares with the first is the host's, the login's and the core's. */
const second: RealmSettings = {
  ...one.realm,
  ...{ id: 2, key: "vanilla", name: "Another", port: 8086, console: { port: 3444, networks: [] } },
  soap: { port: 7879, networks: [] },
  databases: {
    characters: { name: "vanilla_characters", user: "vanilla_characters", password: "" as never },
    world: { name: "vanilla_world", user: "vanilla_world", password: "" as never },
  },
};
const other: WithLayout = {
  ...one,
  realm: second,
  layout: { ...one.layout, realm: realmLayout(one.host, second, hasPageNames(second, facts())) },
};

const realmPlans = (settings: WithLayout): Plan[] => [
  serverConfigPlan(settings, facts(), "worldserver", { passwords, masterSecret: passwords.auth }),
  serverUnitPlan(settings, facts(), "worldserver"),
  serverServicePlan(settings, facts(), "worldserver"),
  accessPlan(settings, facts(), passwords),
  tdbPlan(settings, facts()),
  schemaPlan(settings, facts()),
  realmRowPlan(settings, facts()),
  announcerPlan(settings, facts(), secret),
];

/** Every text in it, at any depth. */
const texts = (value: unknown): string[] =>
  typeof value === "string" ? [value] : value instanceof Object ? Object.values(value).flatMap(texts) : [];

/** Names among the words of a plan: receipts, paths, units, databases, SQL users, accounts. */
function names({ step, args }: Plan): string[] {
  const words = texts(args).flatMap((text) => text.split(/[\s"=;,:']+/));
  const sqlAndAccounts = Object.entries(args)
    .filter(([key]) => /^(auth|characters|world|database|account)(\.|$)/.test(key))
    .map(([, value]) => String(value));
  return [`receipt ${step}`, ...words.filter((word) => /^[+-]?\/|\.service$/.test(word)), ...sqlAndAccounts];
}

describe("two realms on one host", () => {
  const claimed = (settings: WithLayout) => new Set(realmPlans(settings).flatMap(names));
  const { host, core, login: loginLayout } = one.layout;
  const shared = new Set([
    ...[...texts(host), ...texts(core), ...texts(loginLayout)],
    ...[login.database.name, login.database.user],
    // The distribution's, the stack's own programs, and what every realm calls alike inside a folder of its own.
    ...["mariadb.service", "/run/mysqld/mysqld.sock", "/usr/bin/mariadb", "/usr/bin/stdbuf", "//127.0.0.1"],
    one.backups.folder,
  ]);
  const own = (name: string) =>
    !shared.has(name) &&
    !shared.has(name.replace(/\/(bin|etc)\/worldserver(\.conf\.dist)?$/, "")) &&
    !name.replace(/^[+-]+/, "").startsWith("/usr/local/libexec/trinity-stack/");

  it("claim no name that the other claims, but for what is the host's, the login's or the core's", () => {
    const [first, next] = [claimed(one), claimed(other)];
    expect([...first].filter(own)).toEqual(
      expect.arrayContaining([
        "receipt worldserver",
        "receipt tdb",
        "worldserver.service",
        "tc-335-world.service",
        "/etc/trinity-stack/worldserver.env",
        "/var/lib/trinity/Projects/trinity-335/data",
        "characters",
        "TRINITYSTACK",
      ]),
    );
    expect([...next].filter(own)).toEqual(
      expect.arrayContaining([
        "receipt worldserver-vanilla",
        "receipt tdb-vanilla",
        "worldserver-vanilla.service",
        "tc-335-world-vanilla.service",
        "/etc/trinity-stack/vanilla/worldserver.env",
        "/var/lib/trinity/Projects/trinity-335-vanilla/data",
        "/var/lib/trinity-stack/realms/vanilla",
        "vanilla_characters",
        "STACK2",
      ]),
    );
    expect([...first].filter((name) => own(name) && next.has(name))).toEqual([]);
  });

  it("use the programs of one core, and one login", () => {
    const unit = (settings: WithLayout) => String(serverUnitPlan(settings, facts(), "worldserver").args.content);
    for (const settings of [one, other])
      expect(unit(settings)).toContain(" /var/lib/trinity/Projects/trinity-335/run/bin/worldserver -c ");
    expect(serverUnitPlan(other, facts(), "authserver")).toEqual(serverUnitPlan(one, facts(), "authserver"));
    expect(releasePlan(other, facts()).step).toBe("release");
  });

  it("have their folders and logs cared for by the host", () => {
    expect(userPlan(other).args.folders).toEqual(
      expect.arrayContaining([
        "0755 root:root /var/lib/trinity/Projects/trinity-335",
        "0755 root:root /var/lib/trinity/Projects/trinity-335-vanilla",
        "0700 root:root /etc/trinity-stack/vanilla",
        "0755 trinity:trinity /var/lib/trinity/Projects/trinity-335-vanilla/data",
      ]),
    );
    expect(String(logsPlan(other).args.service).match(/^ExecStart=.*nightly \S+/gm)).toHaveLength(2);
  });
});

describe("the wiki page's names", () => {
  it.each<[what: string, id: number, known: Partial<Facts>, page: boolean]>([
    ["are realm 1's on a new host", 1, {}, true],
    ["are no other realm's on a new host", 5, {}, false],
    ["stay with the realm that has them, whatever its number", 5, { pageRealm: 5 }, true],
    ["stay when that gets another number", 6, { pageRealm: 5 }, true],
    [
      "are not given to a realm that has names of its own and becomes number 1",
      1,
      { realmKeys: new Set(["wotlk"]) },
      false,
    ],
  ])("%s", (_, id, known, page) => {
    expect(hasPageNames({ ...one.realm, id }, facts(known))).toBe(page);
    const { realm } = withLayout({ ...one, realm: { ...one.realm, id }, databases }, facts(known)).layout;
    expect(realm.server.unit).toBe(page ? "worldserver.service" : "worldserver-wotlk.service");
  });
});

describe("a realm's key", () => {
  const host = (...keys: string[]) => facts({ realmKeys: new Set(keys) });

  it("is refused where the host knows the realm by another one, with the way out", () => {
    expect(() => refuseOtherKey(one, host("classic"))).toThrow(
      /^trinitycore:realms\.wotlk: the realm on .* is called classic, .*nothing was touched\. Call it classic in the stack's file/,
    );
  });

  it.each([
    ["knows no realm with names of its own", host()],
    ["knows it by this one", host("wotlk")],
  ])("is taken where the host %s", (_, known) => {
    expect(() => refuseOtherKey(one, known)).not.toThrow();
  });
});

describe("the scripts on the host", () => {
  const folder = join(__dirname, "../../../server");
  const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.(sh|awk)$/.test(file));
  /** Without comments, and without what is said to people. */
  const code = (file: string) =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => !/^\s*#/.test(line));
  const known = new RegExp(
    [
      ...servers.map((server) => `\\b${server}(-\\w+)?\\.(service|env)\\b`),
      ...[
        "tc-335",
        "trinity-335",
        "/etc/trinity-stack",
        "trinity-(logs|restarts)\\b",
        "\\$RECEIPTS/[a-z]",
        "receipts/[a-z]",
      ],
      ...["work/(auth|world)server", "completed [a-z]"],
    ].join("|"),
  );

  it.each(scripts)("%s knows no name of a unit, a place or a receipt", (file) => {
    expect(code(file).filter((line) => known.test(line))).toEqual([]);
  });
});
