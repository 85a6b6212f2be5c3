import type * as pulumi from "@pulumi/pulumi";
import { Core } from "./core/core";
import { Host } from "./host/host";
import { Realm } from "./realm/realm";
import type { Accounts } from "./servers/accounts";
import { Login } from "./servers/login";
import type { TwoFactor } from "./servers/two-factor";
import type { Context } from "./subject";

/** What the stack's outputs tell of a realm. */
export interface RealmOutcome {
  /** The name and SHA-256 sum of the world's content. */
  readonly worldContent: pulumi.Output<string>;
  /** The live release, e.g. "4f1c2ab90d3e-1a2b3c4d". */
  readonly release: pulumi.Output<string>;
  /** Which game data there is, and in which formats: "dbc, maps 10, vmaps 4.8". */
  readonly gameData: pulumi.Output<string>;
  readonly authserver: pulumi.Output<string>;
  /** "active", or what the worldserver waits for. */
  readonly worldserver: pulumi.Output<string>;
  /** The passwords made at random for game accounts; absent without accounts. */
  readonly accounts?: Accounts["passwords"];
  /** What an authenticator app is given, by account; absent where none has a two-factor secret. */
  readonly twoFactor?: TwoFactor["uris"];
}

/** Makes a whole realm on one host: what the wiki page does by hand, in the page's order. */
export function makeRealm(context: Context): RealmOutcome {
  const { adopt } = context.settings.host;

  // The host: group and user, dependencies, firewall, SELinux, MariaDB
  const host = new Host("host", context);

  // Download source, settings, databases, compile
  const core = new Core("core", context, host);
  const realm = new Realm("realm", context, host, core.source);
  const login = new Login("login", context, host, core.source, realm.secrets);
  const build = core.build(login.config, realm.config);

  // A realm that is taken over keeps running until the core is built, so its passwords change after the build.
  const access = realm.access(...(adopt ? [build] : []));
  // The schema step restarts servers that run, so it needs their new units.
  const units = { login: login.unit(), realm: realm.unit() };

  // Fill the databases, go live
  const schema = realm.schema(build, access, login.config, units.login, units.realm);
  const release = core.release(build, schema);

  // Realm information, game accounts; the account that talks to the worldserver; the window for restarts
  const row = realm.row(schema);
  const accounts = login.accounts(schema, row);
  const before = [row, realm.announcer(schema), ...host.restarts];

  // Services
  const authserver = login.service(units.login, release, before);
  const twoFactor = login.twoFactor(authserver, ...(accounts ? [accounts] : []));
  const data = realm.data();
  const worldserver = realm.service(units.realm, release, [...before, authserver], data);
  return {
    worldContent: realm.worldContent,
    release: release.outcome,
    gameData: data.outcome,
    authserver: authserver.outcome,
    worldserver: worldserver.outcome,
    ...(accounts && { accounts: accounts.passwords }),
    ...(twoFactor.uris && { twoFactor: twoFactor.uris }),
  };
}
