import type { Facts } from "../remote/facts";
import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import { Step, type StepOptions } from "../remote/step";
import type { Settings } from "../settings";
import { distribution } from "./distribution";
import { pageNames, realmRoot, type Server } from "./layout";
import { serverUnit } from "./units";

/** A server's systemd unit; what runs is the matter of the service. */
export function serverUnitPlan(settings: Settings, facts: Facts, server: Server): Plan {
  return {
    step: `${server}-unit`,
    kind: "unit",
    args: {
      root: realmRoot(settings),
      unit: `${server}.service`,
      content: serverUnit(settings, server, distribution(facts.os).mariadb.unit),
      aliases: [`${pageNames[server]}.service`],
    },
  };
}

export class ServerUnit extends Step {
  constructor(name: string, args: { host: Host; settings: Settings; server: Server }, opts?: StepOptions) {
    const plan = serverUnitPlan(args.settings, args.host.facts, args.server);
    super("trinitycore:host:ServerUnit", name, args.host, plan, opts);
  }
}
