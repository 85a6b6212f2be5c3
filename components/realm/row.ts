import { distribution } from "../host/distribution";
import type { Facts } from "../remote/facts";
import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import { Step, type StepOptions } from "../remote/step";
import type { Settings } from "../settings";

/** The realm's row in the login database: what the client is told of it. The other columns are the worldserver's. */
export function realmRowPlan(settings: Settings, facts: Facts): Plan {
  const { id, name, address, localAddress, localSubnetMask, port, allowedSecurityLevel, gamebuild } = settings.realm;
  return {
    step: "realm-row",
    kind: "realm-row",
    args: {
      socket: distribution(facts.os).mariadb.socket,
      database: settings.databases.auth.name,
      id,
      name,
      address: address || settings.host,
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
