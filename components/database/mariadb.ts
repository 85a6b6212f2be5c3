import { distribution } from "../host/distribution";
import type { Facts } from "../remote/facts";
import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import { Step, type StepOptions } from "../remote/step";
import type { Settings } from "../settings";

/** MariaDB runs, starts with the server, and answers root on its socket. */
export function mariaDbPlan(_settings: Settings, facts: Facts): Plan {
  const { unit, socket } = distribution(facts.os).mariadb;
  return {
    step: "mariadb",
    kind: "mariadb",
    args: { unit, socket },
    effect: "starts MariaDB where it is stopped, and restarts nothing",
  };
}

export class MariaDb extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:database:MariaDb", name, args.host, mariaDbPlan(args.settings, args.host.facts), opts);
  }
}
