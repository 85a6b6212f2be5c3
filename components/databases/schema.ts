import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import { dataArg, recordsArg, serversArg, type WithLayout } from "../layout";
import { restartArgs, withAnnouncement } from "../servers/restarts";

/** Updates the databases for the release that is to go live. */
export function schemaPlan(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "update" | "restarts" | "announce" | "window" | "layout">,
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
      ...dataArg(realm),
      // MariaDB has a user of the same name, who logs in without a password.
      user: settings.host.user.name,
      socket: distribution(facts.os).mariadb.socket,
      mariadb: distribution(facts.os).mariadb.unit,
      auth: settings.login.database.name,
      characters: characters.name,
      world: world.name,
      realm: settings.realm.id,
      "realm.key": settings.realm.key,
      // For updates; filling the world database needs four times as much.
      min_disk_mb: 500,
      probe: settings.update.probe,
      announcer: realm.announcer.login,
      ...restartArgs(settings, facts),
    },
    effect: withAnnouncement("stops both servers while the databases are updated", settings),
  };
}
