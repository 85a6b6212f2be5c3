import type * as pulumi from "@pulumi/pulumi";
import type { Step } from "../../steps/step";
import { accessPlan } from "../databases/access";
import { type DatabasePasswords, Passwords } from "../databases/passwords";
import { schemaPlan } from "../databases/schema";
import { contentOf, tdbPlan } from "../databases/tdb";
import type { Host } from "../host/host";
import { Databases } from "../mysql/databases";
import { Announcer } from "../servers/announcer";
import { WithServer } from "../servers/server";
import type { On } from "../subject";
import { realmRowPlan } from "./row";

/**
 * A world that players are in: the worldserver, its databases and their content, its row in the list of realms. What is
 * done to all three databases at once is here too, to the login's as well: their passwords, who may do what, and what
 * brings them up to date, which only the worldserver's program can.
 */
export class Realm extends WithServer {
  readonly passwords: DatabasePasswords;
  readonly config: Step;
  /** The name and sum of the world's content. */
  readonly worldContent: pulumi.Output<string>;
  private readonly databases: Databases;
  private readonly tdb: Step;

  constructor(name: string, on: On, machine: Host, source: Step) {
    super("index:Realm", name, on, machine, "worldserver");
    const { settings, host } = on;
    const { mariadb, user, tunnel } = machine;
    this.passwords = new Passwords(this.named("passwords"), on, { parent: this }).passwords;
    this.config = this.configured(source, this.passwords);
    this.databases = new Databases(this.named("databases"), { ...on, tunnel }, this.after(mariadb));
    this.tdb = this.step("core:Tdb", tdbPlan(settings, host.facts), {
      ...this.after(user, mariadb),
      followsChangesOf: [source],
    });
    this.worldContent = contentOf(this.tdb);
    this.registerOutputs({});
  }

  /** Who may do what in the databases. */
  access(...before: Step[]): Step {
    const { databases, machine, passwords } = this;
    const { settings, host } = this.on;
    return this.step(
      "database:Access",
      accessPlan(settings, host.facts, passwords),
      this.after(databases, machine.mariadb, machine.user, ...before),
    );
  }

  /** The databases as the new release wants them. */
  schema(build: Step, access: Step, ...before: Step[]): Step {
    const { settings, host } = this.on;
    return this.step("core:Schema", schemaPlan(settings, host.facts), {
      ...this.after(this.machine.mariadb, access, this.tdb, this.config, ...before),
      followsChangesOf: [build],
    });
  }

  /** What the list of realms says of it. */
  row(schema: Step): Step {
    const plan = realmRowPlan(this.on.settings, this.on.host.facts);
    return this.step("realm:RealmRow", plan, this.after(this.machine.mariadb, schema), "row");
  }

  /** The stack's own game account, with which it talks to the worldserver. */
  announcer(schema: Step): Step {
    return new Announcer(this.named("announcer"), this.on, this.after(this.machine.mariadb, schema));
  }
}
