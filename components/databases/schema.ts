import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import { realmRoot } from "../host/layout";
import { announced, restartArgs } from "../servers/restarts";

/** The databases as the release that is to go live wants them. */
export function schemaPlan(settings: Settings, facts: Facts): Plan {
  const { characters, world } = settings.realm.databases;
  return {
    step: "schema",
    kind: "schema",
    args: {
      root: realmRoot(settings),
      // Also the name it has in MariaDB, which lets it in without a password.
      user: settings.host.user.name,
      socket: distribution(facts.os).mariadb.socket,
      mariadb: distribution(facts.os).mariadb.unit,
      auth: settings.login.database.name,
      characters: characters.name,
      world: world.name,
      realm: settings.realm.id,
      "realm.key": settings.realm.key,
      // For updates; four times as much is asked for when the world is filled.
      min_disk_mb: 500,
      ...restartArgs(settings, facts),
    },
    effect: announced("stops both servers while the databases are updated", settings),
  };
}

export class Schema extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:core:Schema", name, args.host, schemaPlan(args.settings, args.host.facts), opts);
  }
}
