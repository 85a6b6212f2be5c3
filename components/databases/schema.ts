import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import { recordsArg, serversArg, type WithLayout } from "../layout";
import { announced, restartArgs } from "../servers/restarts";

/** The databases as the release that is to go live wants them. */
export function schemaPlan(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "restarts" | "announce" | "window" | "layout">,
  facts: Facts,
): Plan {
  const { login, realm } = settings.layout;
  const { characters, world } = settings.realm.databases;
  return {
    step: settings.layout.realm.receipts.schema,
    kind: "schema",
    args: {
      ...recordsArg(settings.layout.realm),
      root: settings.layout.core.root,
      work: realm.server.work,
      conf: realm.server.conf,
      secretsFolder: login.server.secrets,
      servers: serversArg(settings.layout),
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
