import type * as pulumi from "@pulumi/pulumi";
import type { Step } from "../../steps/step";
import { accessPlan } from "../databases/access";
import { Passwords, type ServerSecrets } from "../databases/passwords";
import { schemaPlan } from "../databases/schema";
import { contentOf, tdbPlan } from "../databases/tdb";
import type { Host } from "../host/host";
import { Databases } from "../mysql/databases";
import { Announcer } from "../servers/announcer";
import { WithServer } from "../servers/server";
import type { Context } from "../subject";
import { gameDataPlan } from "./game-data";
import { realmRowPlan } from "./row";

/**
 * A realm: the worldserver, its databases and their content, its row in the realmlist. It also does what has to be done
 * to all three databases at once, the login's included: passwords, access, and updates, which need the worldserver.
 */
export class Realm extends WithServer {
  readonly secrets: ServerSecrets;
  readonly config: Step;
  /** The name and SHA-256 sum of the world's content. */
  readonly worldContent: pulumi.Output<string>;
  private readonly databases: Databases;
  private readonly tdb: Step;

  constructor(name: string, context: Context, hostSteps: Host, source: Step) {
    super("index:Realm", name, context, hostSteps, "worldserver");
    const { settings, host } = context;
    const { mariadb, user, tunnel } = hostSteps;
    this.secrets = new Passwords(this.named("passwords"), context, { parent: this });
    this.config = this.configured(source, this.secrets);
    this.databases = new Databases(this.named("databases"), { ...context, tunnel }, this.after(mariadb));
    this.tdb = this.step("core:Tdb", tdbPlan(settings, host.facts), {
      ...this.after(user, mariadb),
      followsChangesOf: [source],
    });
    this.worldContent = contentOf(this.tdb);
    this.registerOutputs({});
  }

  /** The databases' users and privileges. */
  access(...before: Step[]): Step {
    const { databases, hostSteps: machine, secrets } = this;
    const { settings, host } = this.context;
    return this.step(
      "database:Access",
      accessPlan(settings, host.facts, secrets.passwords),
      this.after(databases, machine.mariadb, machine.user, ...before),
    );
  }

  /** Updates the databases for the new release. */
  schema(build: Step, access: Step, ...before: Step[]): Step {
    const { settings, host } = this.context;
    return this.step("core:Schema", schemaPlan(settings, host.facts), {
      // What a release changes is backed up before.
      ...this.after(this.hostSteps.mariadb, this.hostSteps.backupNow, access, this.tdb, this.config, ...before),
      followsChangesOf: [build],
    });
  }

  /** The realm's row in the realmlist. */
  row(schema: Step): Step {
    const plan = realmRowPlan(this.context.settings, this.context.host.facts);
    return this.step("realm:RealmRow", plan, this.after(this.hostSteps.mariadb, schema), "row");
  }

  /** The game data that the operator sent. */
  data(): Step {
    const plan = gameDataPlan(this.context.settings);
    return this.step("realm:GameData", plan, this.after(this.hostSteps.user), "game-data");
  }

  /** The stack's own game account, with which it talks to the worldserver. */
  announcer(schema: Step): Step {
    return new Announcer(this.named("announcer"), this.context, this.after(this.hostSteps.mariadb, schema));
  }
}
