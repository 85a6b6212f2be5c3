import type { Settings } from "../../settings";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { LOGS_UNIT, logsService, logsTimer } from "../servers/unit-texts";

/** Old logs are compressed, and deleted after a while. */
export function logsPlan(settings: Settings): Plan {
  return {
    step: "logs",
    kind: "timer",
    args: {
      unit: LOGS_UNIT,
      key: "host.logs.schedule",
      schedule: settings.host.logs.schedule,
      service: logsService(settings),
      timer: logsTimer(settings),
    },
  };
}

export class Logs extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:Logs", name, args.host, logsPlan(args.settings), opts);
  }
}
