import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings";
import type { Host } from "../steps/host";
import { Build } from "./core/build";
import { Release } from "./core/release";
import { Source } from "./core/source";
import { Access } from "./databases/access";
import { MariaDb } from "./databases/mariadb";
import { Passwords } from "./databases/passwords";
import { Schema } from "./databases/schema";
import { Tdb } from "./databases/tdb";
import { Adoption } from "./host/adoption";
import { distribution } from "./host/distribution";
import { Firewall } from "./host/firewall";
import type { Server } from "./host/layout";
import { Logs } from "./host/logs";
import { Packages } from "./host/packages";
import { Scripts } from "./host/scripts";
import { SELinux } from "./host/selinux";
import { lookAround } from "./host/surroundings";
import { User } from "./host/user";
import { WayIn } from "./host/way-in";
import { Databases } from "./mysql/databases";
import { DatabaseTunnel } from "./mysql/tunnel";
import { RealmRow } from "./realm/row";
import { Announcer } from "./servers/announcer";
import { ServerConfig } from "./servers/config";
import { Restarts } from "./servers/restarts";
import { ServerService } from "./servers/service";
import { ServerUnit } from "./servers/unit";

/** A whole realm on one server: what the wiki page does by hand, in its order. */
export class Realm extends pulumi.ComponentResource {
  /** The name and sum of the world's content. */
  readonly worldContent: pulumi.Output<string>;
  /** The live release, e.g. "4f1c2ab90d3e-1a2b3c4d". */
  readonly release: pulumi.Output<string>;
  readonly authserver: pulumi.Output<string>;
  /** "active", or what the worldserver waits for. */
  readonly worldserver: pulumi.Output<string>;

  constructor(name: string, on: { host: Host; settings: Settings }, options?: pulumi.ComponentResourceOptions) {
    super("trinitycore:index:Realm", name, {}, options);
    const { host } = on;
    const after = (...dependsOn: pulumi.Resource[]) => ({ parent: this, dependsOn });

    // A failed look is told by each step that waits for it.
    lookAround(host, on.settings, this).catch(() => {});
    const scripts = new Scripts(`${name}-scripts`, on, { parent: this });

    // The server: group and user, dependencies, firewall, SELinux
    const user = new User(`${name}-user`, on, after(scripts));
    // A realm from before runs on until the new one is built.
    const adoption = on.settings.host.adopt ? [new Adoption(`${name}-adoption`, on, after(user))] : [];
    const onceBuilt = (...built: pulumi.Resource[]) => (on.settings.host.adopt ? built : []);
    const packages = new Packages(`${name}-packages`, on, after(scripts));
    const firewall = new Firewall(`${name}-firewall`, on, after(packages));
    new WayIn(`${name}-way-in`, on, after(firewall));
    const selinux = new SELinux(`${name}-selinux`, on, after(packages, user));
    new Logs(`${name}-logs`, on, after(user, packages));

    // Download source, settings, compile
    const source = new Source(`${name}-source`, on, after(user, packages, ...adoption));
    const { passwords } = new Passwords(`${name}-passwords`, on, { parent: this });
    const config = (server: Server) =>
      new ServerConfig(
        `${name}-${server}-config`,
        { ...on, server, passwords },
        { ...after(user), followsChangesOf: [source] },
      );
    const configs = { authserver: config("authserver"), worldserver: config("worldserver") };
    // A setting that this source could not read is told before an hour's build.
    const build = new Build(`${name}-build`, on, {
      ...after(selinux, configs.authserver, configs.worldserver),
      followsChangesOf: [source],
    });

    // Databases
    const mariadb = new MariaDb(`${name}-mariadb`, on, after(packages));
    const { socket } = distribution(host.facts.os).mariadb;
    const tunnel = pulumi.output(DatabaseTunnel.open(host.endpoint, socket, host.connections));
    const databases = new Databases(`${name}-databases`, { ...on, tunnel }, after(mariadb));
    const access = new Access(
      `${name}-access`,
      { ...on, passwords },
      after(databases, mariadb, user, ...onceBuilt(build)),
    );
    const tdb = new Tdb(`${name}-tdb`, on, { ...after(user, mariadb), followsChangesOf: [source] });

    const unit = (server: Server) =>
      new ServerUnit(`${name}-${server}-unit`, { ...on, server }, after(user, ...adoption));
    const units = { authserver: unit("authserver"), worldserver: unit("worldserver") };
    // Servers that run go live with the schema step already, as their units say by then.
    const schema = new Schema(`${name}-schema`, on, {
      ...after(mariadb, access, tdb, configs.authserver, configs.worldserver, ...Object.values(units)),
      followsChangesOf: [build],
    });
    const release = new Release(`${name}-release`, on, { ...after(schema), followsChangesOf: [build] });

    // Realm information
    const row = new RealmRow(`${name}-row`, on, after(mariadb, schema));

    // How players hear of a restart, and when there may be one
    const heralds: pulumi.Resource[] = [];
    if (on.settings.restarts !== "now") heralds.push(new Announcer(`${name}-announcer`, on, after(mariadb, schema)));
    if (on.settings.restarts === "window") heralds.push(new Restarts(`${name}-restarts`, on, after(scripts)));

    // Services
    const service = (server: Server, ...before: pulumi.Resource[]) => {
      // Without MariaDB the servers give up after some seconds.
      const follows = [units[server], configs[server], release, mariadb];
      return new ServerService(
        `${name}-${server}`,
        { ...on, server },
        { ...after(row, ...heralds, ...before), follows },
      );
    };
    const authserver = service("authserver");
    const worldserver = service("worldserver", authserver);

    this.worldContent = tdb.content;
    this.release = release.outcome;
    this.authserver = authserver.outcome;
    this.worldserver = worldserver.outcome;
    this.registerOutputs({});
  }
}
