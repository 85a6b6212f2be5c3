import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import { recordsArg, type WithLayout } from "../layout";
import type { DatabasePasswords } from "./passwords";
import { databaseOf, roles } from "./roles";

/**
 * The users of the three databases, with passwords and privileges; and the service user, who needs no password on the
 * host itself.
 */
export function accessPlan(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "databases" | "backups" | "layout">,
  facts: Facts,
  passwords: DatabasePasswords,
): Plan {
  return {
    step: settings.layout.realm.receipts.access,
    kind: "access",
    args: {
      ...recordsArg(settings.layout.realm),
      socket: distribution(facts.os).mariadb.socket,
      service: settings.host.user.name,
      "realm.key": settings.realm.key,
      // Where to look for a lost database.
      backups: settings.backups.folder,
      startEmpty: settings.databases.startEmpty,
      // The host keeps the passwords and remembers the rotation that made them.
      ...(settings.databases.rotation === 0 ? {} : { rotation: settings.databases.rotation }),
      ...Object.fromEntries(
        roles.flatMap((role) => [
          [`${role}.database`, databaseOf(settings, role).name],
          [`${role}.user`, databaseOf(settings, role).user],
        ]),
      ),
    },
    secrets: { ...passwords },
    effect: "restarts nothing by itself; a changed password restarts the servers that use it",
  };
}
