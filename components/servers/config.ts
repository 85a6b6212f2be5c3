import { basename } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { environmentName, settingLine } from "../../settings/conf-lines";
import { listensOn } from "../../settings/network";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { DatabasePasswords } from "../databases/passwords";
import { databaseOf } from "../databases/roles";
import { distribution } from "../host/distribution";
import { confSettings, mainAppender, type Server, serverOf, type WithLayout } from "../layout";
import { withAnnouncement } from "./restarts";

type Lines = readonly (readonly [key: string, value: string | number])[];
/** The settings that a conf is made of. */
type ConfParts = Pick<WithLayout, "login" | "realm" | "layout">;
type Access = { readonly port: number; readonly networks: readonly string[] };

/**
 * The lines for the remote console or for SOAP, which is on when networks are named. The firewall lets only those
 * networks in.
 */
const remoteAccess = (prefix: string, enable: string, { port, networks }: Access): Lines =>
  networks.length === 0
    ? [[`${prefix}.${enable}`, 0]]
    : [
        [`${prefix}.${enable}`, 1],
        [`${prefix}.IP`, listensOn(networks)],
        [`${prefix}.Port`, port],
      ];

/** The stack talks to the worldserver over SOAP, so SOAP is on for the host itself where no other network is named. */
const soapAccess = ({ soap }: WithLayout["realm"]): Lines =>
  soap.networks.length > 0
    ? remoteAccess("SOAP", "Enabled", soap)
    : [
        ["SOAP.Enabled", 1],
        ["SOAP.IP", "127.0.0.1"],
        ["SOAP.Port", soap.port],
      ];

/**
 * Makes the server append to its main log, which can then be emptied at night while the server runs. The operator's own
 * appender goes first.
 */
function mainLogAppends(settings: Pick<WithLayout, "login" | "realm" | "layout">, server: Server): Lines {
  const key = `Appender.${mainAppender[server]}`;
  return confSettings(settings, server)[key] === undefined
    ? [[key, `2,2,0,${basename(serverOf(settings.layout, server).mainLog)},a`]]
    : [];
}

/** The lines that the stack itself sets. */
function ownSettings(settings: ConfParts, server: Server): Lines {
  const { logs } = serverOf(settings.layout, server);
  const both: Lines = [
    ["LogsDir", logs],
    ["SourceDirectory", settings.layout.core.run],
    ["MySQLExecutable", "/usr/bin/mariadb"],
    // Only the schema step updates databases, while the servers are stopped.
    ["Updates.EnableDatabases", 0],
    // With another value an older release would forget updates that it does not know.
    ["Updates.CleanDeadRefMaxCount", 0],
    ...mainLogAppends(settings, server),
  ];
  if (server === "authserver") return [["RealmServerPort", settings.login.port], ...both];
  return [
    ["RealmID", settings.realm.id],
    ["WorldServerPort", settings.realm.port],
    ["DataDir", settings.layout.realm.data],
    ...both,
    // Without a terminal the console would use all of a CPU and flood the journal.
    ["Console.Enable", 0],
    ...remoteAccess("Ra", "Enable", settings.realm.console),
    ...soapAccess(settings.realm),
  ];
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** The operator's settings: plain ones and secret ones. */
function operatorSettings(settings: Pick<WithLayout, "login" | "realm">, server: Server) {
  const entries = Object.entries(confSettings(settings, server)).sort(byName);
  const plain = entries.flatMap(([key, value]) => (pulumi.Output.isInstance(value) ? [] : [[key, value] as const]));
  const secret = entries.flatMap(([key, value]) => (pulumi.Output.isInstance(value) ? [[key, value] as const] : []));
  return { plain, secret };
}

/** The lines of the drop-in, which a server reads after the release's own .conf.dist. */
export function dropIn(settings: ConfParts, server: Server): readonly string[] {
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

/** The server's environment as NAME=value; `{secret}` stands for a secret of that name. */
export function environment(
  settings: Pick<WithLayout, "login" | "realm">,
  server: Server,
  socket: string,
): readonly string[] {
  return [
    ...databasesOf[server].map((role) => {
      const { name, user } = databaseOf(settings, role);
      return `${environmentName(databaseKeys[role])}=.;${socket};${user};{${role}};${name}`;
    }),
    // In a pool of connections only the first uses the path above; the others use the client library's default.
    `MYSQL_UNIX_PORT=${socket}`,
    ...operatorSettings(settings, server).secret.map(([key]) => `${environmentName(key)}={setting.${key}}`),
  ];
}

/** A server's conf: a drop-in that everybody may read, and an environment file with the secrets. */
export function serverConfigPlan(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "restarts" | "announce" | "window" | "layout">,
  facts: Facts,
  server: Server,
  passwords: DatabasePasswords,
): Plan {
  const { secret } = operatorSettings(settings, server);
  const { receipts, root, secrets } = serverOf(settings.layout, server);
  return {
    step: receipts.config,
    kind: "config",
    args: {
      server,
      ...(server === "worldserver" ? { "realm.key": settings.realm.key } : {}),
      root,
      secretsFolder: secrets,
      lines: dropIn(settings, server),
      environment: environment(settings, server, distribution(facts.os).mariadb.socket),
    },
    secrets: {
      ...Object.fromEntries(databasesOf[server].map((role) => [role, passwords[role]])),
      ...Object.fromEntries(secret.map(([key, value]) => [`setting.${key}`, value])),
    },
    effect: withAnnouncement(`restarts the ${server}, unless it runs with these settings already`, settings, server),
  };
}
