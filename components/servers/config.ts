import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import { environmentName, settingLine } from "../../settings/conf-lines";
import { listensOn } from "../../settings/network";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import type { DatabasePasswords } from "../databases/passwords";
import { databaseOf } from "../databases/roles";
import { distribution } from "../host/distribution";
import { confSettings, mainAppender, mainLog, realmRoot, SECRETS_DIR, type Server } from "../host/layout";
import { announced } from "./restarts";

type Lines = readonly (readonly [key: string, value: string | number])[];
type Access = { readonly port: number; readonly networks: readonly string[] };

/** A remote access is open exactly when networks are named; the firewall lets only those in, where they are not the server itself. */
const remote = (prefix: string, enable: string, { port, networks }: Access): Lines =>
  networks.length === 0
    ? [[`${prefix}.${enable}`, 0]]
    : [
        [`${prefix}.${enable}`, 1],
        [`${prefix}.IP`, listensOn(networks)],
        [`${prefix}.Port`, port],
      ];

/** Where players are told of restarts, the stack itself talks to the worldserver over SOAP, from the server alone. */
const soap = ({ realm: { soap }, restarts }: Settings): Lines =>
  soap.networks.length > 0 || restarts === "now"
    ? remote("SOAP", "Enabled", soap)
    : [
        ["SOAP.Enabled", 1],
        ["SOAP.IP", "127.0.0.1"],
        ["SOAP.Port", soap.port],
      ];

/** Its log is to be added to: only then it can be emptied at night while the server runs. The operator may want it otherwise. */
function mainLogAppends(settings: Settings, server: Server): Lines {
  const key = `Appender.${mainAppender[server]}`;
  return confSettings(settings, server)[key] === undefined ? [[key, `2,2,0,${mainLog[server]},a`]] : [];
}

/** What the stack itself sets. */
function ownSettings(settings: Settings, server: Server): Lines {
  const root = realmRoot(settings);
  const both: Lines = [
    ["LogsDir", `${root}/logs`],
    ["SourceDirectory", `${root}/run`],
    ["MySQLExecutable", "/usr/bin/mariadb"],
    // Only the release procedure migrates, with the realm stopped.
    ["Updates.EnableDatabases", 0],
    // Else an older release would forget updates that it does not know.
    ["Updates.CleanDeadRefMaxCount", 0],
    ...mainLogAppends(settings, server),
  ];
  if (server === "authserver") return [["RealmServerPort", settings.login.port], ...both];
  return [
    ["RealmID", settings.realm.id],
    ["WorldServerPort", settings.realm.port],
    ["DataDir", `${root}/data`],
    ...both,
    // Without a terminal the console would take a whole core and flood the journal.
    ["Console.Enable", 0],
    ...remote("Ra", "Enable", settings.realm.console),
    ...soap(settings),
  ];
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** The operator's settings, secret ones apart. */
function operatorSettings(settings: Settings, server: Server) {
  const entries = Object.entries(confSettings(settings, server)).sort(byName);
  const plain = entries.flatMap(([key, value]) => (pulumi.Output.isInstance(value) ? [] : [[key, value] as const]));
  const secret = entries.flatMap(([key, value]) => (pulumi.Output.isInstance(value) ? [[key, value] as const] : []));
  return { plain, secret };
}

/** The drop-in that is read after the release's own .conf.dist. */
export function dropIn(settings: Settings, server: Server): readonly string[] {
  return [
    `# Written by the stack: what this realm sets beyond ${server}.conf.dist. Passwords are in the unit's environment.`,
    `[${server}]`,
    ...[...ownSettings(settings, server), ...operatorSettings(settings, server).plain].map((line) =>
      settingLine(...line),
    ),
  ];
}

const databaseKeys = {
  auth: "LoginDatabaseInfo",
  world: "WorldDatabaseInfo",
  characters: "CharacterDatabaseInfo",
} as const;
const databasesOf: Readonly<Record<Server, readonly (keyof typeof databaseKeys)[]>> = {
  authserver: ["auth"],
  worldserver: ["auth", "world", "characters"],
};

/** NAME=value as the server's environment gets it, `{secret}` where a secret goes. */
export function environment(settings: Settings, server: Server, socket: string): readonly string[] {
  return [
    ...databasesOf[server].map((role) => {
      const { name, user } = databaseOf(settings, role);
      return `${environmentName(databaseKeys[role])}=.;${socket};${user};{${role}};${name}`;
    }),
    // All but the first connection of a pool forget the path and go to the client library's default.
    `MYSQL_UNIX_PORT=${socket}`,
    ...operatorSettings(settings, server).secret.map(([key]) => `${environmentName(key)}={setting.${key}}`),
  ];
}

/** One server's settings: a drop-in that may be read, and an environment file for what may not. */
export function serverConfigPlan(settings: Settings, facts: Facts, server: Server, passwords: DatabasePasswords): Plan {
  const { secret } = operatorSettings(settings, server);
  return {
    step: `${server}-config`,
    kind: "config",
    args: {
      server,
      ...(server === "worldserver" ? { "realm.key": settings.realm.key } : {}),
      root: realmRoot(settings),
      secretsFolder: SECRETS_DIR,
      lines: dropIn(settings, server),
      environment: environment(settings, server, distribution(facts.os).mariadb.socket),
    },
    secrets: {
      ...Object.fromEntries(databasesOf[server].map((role) => [role, passwords[role]])),
      ...Object.fromEntries(secret.map(([key, value]) => [`setting.${key}`, value])),
    },
    effect: announced(`restarts the ${server}, unless it runs with these settings already`, settings, server),
  };
}

export class ServerConfig extends Step {
  constructor(
    name: string,
    args: { host: Host; settings: Settings; server: Server; passwords: DatabasePasswords },
    opts?: StepOptions,
  ) {
    const { host, settings, server, passwords } = args;
    super("trinitycore:core:ServerConfig", name, host, serverConfigPlan(settings, host.facts, server, passwords), opts);
  }
}
