import type * as pulumi from "@pulumi/pulumi";
import { Core } from "./core/core";
import { Host } from "./host/host";
import { Realm } from "./realm/realm";
import { Login } from "./servers/login";
import type { Context } from "./subject";

/** What the stack's outputs tell of a realm. */
export interface RealmOutcome {
  /** The name and SHA-256 sum of the world's content. */
  readonly worldContent: pulumi.Output<string>;
  /** The live release, e.g. "4f1c2ab90d3e-1a2b3c4d". */
  readonly release: pulumi.Output<string>;
  readonly authserver: pulumi.Output<string>;
  /** "active", or what the worldserver waits for. */
  readonly worldserver: pulumi.Output<string>;
}

/** Makes a whole realm on one host: what the wiki page does by hand, in the page's order. */
export function makeRealm(context: Context): RealmOutcome {
  const { adopt } = context.settings.host;

  // The host: group and user, dependencies, firewall, SELinux, MariaDB
  const host = new Host("host", context);

  // Download source, settings, databases, compile
  const core = new Core("core", context, host);
  const realm = new Realm("realm", context, host, core.source);
  const login = new Login("login", context, host, core.source, realm.passwords);
  const build = core.build(login.config, realm.config);

  // A realm that is taken over keeps running until the core is built, so its passwords change after the build.
  const access = realm.access(...(adopt ? [build] : []));
  // The schema step restarts servers that run, so it needs their new units.
  const units = { login: login.unit(), realm: realm.unit() };

  // Fill the databases, go live
  const schema = realm.schema(build, access, login.config, units.login, units.realm);
  const release = core.release(build, schema);

  // Realm information; the account that talks to the worldserver; the window for restarts
  const before = [realm.row(schema), realm.announcer(schema), ...host.restarts];

  // Services
  const authserver = login.service(units.login, release, ...before);
  const worldserver = realm.service(units.realm, release, ...before, authserver);
  return {
    worldContent: realm.worldContent,
    release: release.outcome,
    authserver: authserver.outcome,
    worldserver: worldserver.outcome,
  };
}
