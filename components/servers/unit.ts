import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import { pageNames, realmRoot, type Server } from "../host/layout";
import { serverUnit } from "./unit-texts";

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
