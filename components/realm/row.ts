import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";

/** The realm's row in the realmlist, which clients read. The worldserver itself writes the other columns. */
export function realmRowPlan(settings: Pick<WithLayout, "login" | "realm" | "layout">, facts: Facts): Plan {
  const { id, name, address, localAddress, localSubnetMask, port, allowedSecurityLevel, gamebuild } = settings.realm;
  return {
    step: settings.layout.realm.receipts.row,
    kind: "realm-row",
    args: {
      socket: distribution(facts.os).mariadb.socket,
      database: settings.login.database.name,
      "realm.key": settings.realm.key,
      id,
      name,
      address,
      localAddress,
      localSubnetMask,
      port,
      allowedSecurityLevel,
      gamebuild,
    },
    effect: "restarts nothing; players see it within 20 s",
  };
}
