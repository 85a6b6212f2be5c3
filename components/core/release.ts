import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { realmRoot } from "../host/layout";
import { announced, restartArgs } from "../servers/restarts";

/** Which release is live, and how many are kept for a way back. */
export function releasePlan(settings: Settings, facts: Facts): Plan {
  return {
    step: "release",
    kind: "release",
    args: { root: realmRoot(settings), keep: settings.core.releases.keep, ...restartArgs(settings, facts) },
    effect: announced("restarts both servers, unless they run from it already", settings),
  };
}

export class Release extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:core:Release", name, args.host, releasePlan(args.settings, args.host.facts), opts);
  }
}
