import type * as pulumi from "@pulumi/pulumi";
import { Core } from "./core/core";
import { Host } from "./host/host";
import { Realm } from "./realm/realm";
import { Login } from "./servers/login";
import type { On } from "./subject";

/** How things are when all is done. */
export interface Made {
  /** The name and sum of the world's content. */
  readonly worldContent: pulumi.Output<string>;
  /** The live release, e.g. "4f1c2ab90d3e-1a2b3c4d". */
  readonly release: pulumi.Output<string>;
  readonly authserver: pulumi.Output<string>;
  /** "active", or what the worldserver waits for. */
  readonly worldserver: pulumi.Output<string>;
}

/** A whole realm on one server: what the wiki page does by hand, in its order. */
export function makeRealm(on: On): Made {
  const { adopt } = on.settings.host;

  // The server: group and user, dependencies, firewall, SELinux, MariaDB
  const host = new Host("host", on);

  // Download source, settings, databases, compile
  const core = new Core("core", on, host);
  const realm = new Realm("realm", on, host, core.source);
  const login = new Login("login", on, host, core.source, realm.passwords);
  const build = core.build(login.config, realm.config);

  // A realm from before that is taken over runs on until the new one is built.
  const access = realm.access(...(adopt ? [build] : []));
  // Servers that run go live with the schema step already, as their units say by then.
  const units = { login: login.unit(), realm: realm.unit() };

  // Fill the databases, go live
  const schema = realm.schema(build, access, login.config, units.login, units.realm);
  const release = core.release(build, schema);

  // Realm information; the account that talks to the worldserver; when there may be a restart
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
