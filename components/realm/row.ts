import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";

/** The realm's row in the login database: what the client is told of it. The other columns are the worldserver's. */
export function realmRowPlan(settings: Settings, facts: Facts): Plan {
  const { id, name, address, localAddress, localSubnetMask, port, allowedSecurityLevel, gamebuild } = settings.realm;
  return {
    step: "realm-row",
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

export class RealmRow extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:realm:RealmRow", name, args.host, realmRowPlan(args.settings, args.host.facts), opts);
  }
}
