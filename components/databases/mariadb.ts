import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import { databaseOf, roles } from "./roles";

/** MariaDB runs, starts with the server, answers root on its socket, and can hold databases of these names. */
export function mariaDbPlan(settings: Settings, facts: Facts): Plan {
  const { unit, socket } = distribution(facts.os).mariadb;
  const capitals = roles
    .map((role) => ({ role, name: databaseOf(settings, role).name }))
    .filter(({ name }) => name !== name.toLowerCase())
    .map(({ role, name }) => `${role} ${name}`);
  return {
    step: "mariadb",
    kind: "mariadb",
    args: { unit, socket, ...(capitals.length > 0 ? { capitals, "realm.key": settings.realm.key } : {}) },
    effect: "starts MariaDB where it is stopped, and restarts nothing",
  };
}

export class MariaDb extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:database:MariaDb", name, args.host, mariaDbPlan(args.settings, args.host.facts), opts);
  }
}
